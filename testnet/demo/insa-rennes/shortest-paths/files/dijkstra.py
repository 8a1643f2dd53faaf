"""Shortest paths from one vertex, for weights that are not negative."""

import heapq


def dijkstra(graph, source):
    """Return two dictionaries: the distance of each reachable vertex, and its predecessor."""
    distance = {source: 0}
    previous = {}
    settled = set()
    queue = [(0, source)]
    while queue:
        _, u = heapq.heappop(queue)
        if u in settled:
            continue  # an outdated copy
        settled.add(u)
        for v, weight in graph.get(u, {}).items():
            if weight < 0:
                raise ValueError(f"negative weight on {u} -> {v}")
            candidate = distance[u] + weight
            if candidate < distance.get(v, float("inf")):
                distance[v] = candidate
                previous[v] = u
                heapq.heappush(queue, (candidate, v))
    return distance, previous


def path_to(previous, source, target):
    """Return the vertices of the path from source to target, both included."""
    path = [target]
    while path[-1] != source:
        path.append(previous[path[-1]])
    return path[::-1]


EXAMPLE = {
    "A": {"B": 4, "C": 1},
    "B": {"D": 5, "E": 10},
    "C": {"B": 2, "D": 8},
    "D": {"E": 3},
}

if __name__ == "__main__":
    distance, previous = dijkstra(EXAMPLE, "A")
    print(distance)
    print(" -> ".join(path_to(previous, "A", "E")))
