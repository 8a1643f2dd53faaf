//! Connections that have shown no accepted key yet: a room of their own, so that a crowd of them takes nothing from
//! the people who are in, and a fair share of it for each place that they come from.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard},
};

use tokio_util::sync::CancellationToken;

use super::limits::{MAX_STRANGERS, MAX_STRANGERS_OF_ONE};

/// All of them; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Strangers(Arc<Mutex<Room>>);

#[derive(Debug, Default)]
struct Room {
    /// In the order in which they came.
    inside: Vec<Guest>,
    next: u64,
}

#[derive(Debug)]
struct Guest {
    place: IpAddr,
    number: u64,
    leave: CancellationToken,
}

/// One of them; its place has room again when this is dropped.
#[derive(Debug)]
pub struct Stranger {
    all: Strangers,
    number: u64,
    leave: CancellationToken,
}

impl Strangers {
    /// Lets one in. `None`: the place where it comes from has as many as it may. Where the room is full, the oldest of
    /// the place that has the most is sent away: who has a key needs it for a moment, and a crowd only presses itself.
    pub fn admit(&self, address: IpAddr) -> Option<Stranger> {
        let place = place(address);
        let mut room = self.lock();
        let of =
            |room: &Room, place: &IpAddr| room.inside.iter().filter(|g| g.place == *place).count();
        if of(&room, &place) >= MAX_STRANGERS_OF_ONE {
            return None;
        }
        if room.inside.len() >= MAX_STRANGERS {
            let counts = room.inside.iter().map(|g| of(&room, &g.place));
            // Of equals the first, who came first.
            let (oldest, _) = counts
                .enumerate()
                .max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at)))?;
            room.inside.remove(oldest).leave.cancel();
        }
        room.next += 1;
        let (number, leave) = (room.next, CancellationToken::new());
        room.inside.push(Guest {
            place,
            number,
            leave: leave.clone(),
        });
        drop(room);
        Some(Stranger {
            all: self.clone(),
            number,
            leave,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Room> {
        self.0
            .lock()
            .expect("a thread that panics ends the process")
    }
}

impl Stranger {
    /// Waits until it has to make room for others.
    pub async fn sent_away(&self) {
        self.leave.cancelled().await;
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut room = self.all.lock();
        room.inside.retain(|g| g.number != self.number);
    }
}

/// What counts as one place: an IPv4 address, or a /64 of IPv6, which is what one subscriber has at least (RFC 6177).
fn place(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_of_ipv6_is_one_place_and_an_ipv4_address_is_one_however_written() {
        assert_eq!(place(at("2001:db8::1")), place(at("2001:db8::ffff:1")));
        assert_ne!(place(at("2001:db8::1")), place(at("2001:db8:0:1::1")));
        assert_eq!(place(at("::ffff:192.0.2.1")), at("192.0.2.1"));
        assert_ne!(place(at("192.0.2.1")), place(at("192.0.2.2")));
        let all = Strangers::default();
        let host = |n: usize| at(&format!("2001:db8::{n:x}"));
        let inside: Vec<_> = (0..MAX_STRANGERS_OF_ONE)
            .map(|n| all.admit(host(n)).unwrap())
            .collect();
        assert!(all.admit(host(99)).is_none(), "the network has its share");
        assert!(all.admit(at("2001:db8:1::1")).is_some());
        drop(inside);
        assert!(all.admit(host(99)).is_some());
    }

    #[test]
    fn a_crowd_of_one_place_makes_room_for_who_comes_alone() {
        let all = Strangers::default();
        let mut inside = Vec::new();
        let lonely = all.admit(at("198.51.100.1")).unwrap();
        'full: for host in 1.. {
            for _ in 0..MAX_STRANGERS_OF_ONE {
                if inside.len() == MAX_STRANGERS - 1 {
                    break 'full;
                }
                inside.push(all.admit(at(&format!("192.0.2.{host}"))).unwrap());
            }
        }
        let alone = all.admit(at("203.0.113.1")).unwrap();
        assert!(inside[0].leave.is_cancelled(), "the oldest of a crowd went");
        assert_eq!(inside.iter().filter(|s| s.leave.is_cancelled()).count(), 1);
        assert!(!lonely.leave.is_cancelled() && !alone.leave.is_cancelled());
        assert_eq!(all.lock().inside.len(), MAX_STRANGERS);
        drop((inside, lonely, alone));
        assert!(all.lock().inside.is_empty());
    }
}
