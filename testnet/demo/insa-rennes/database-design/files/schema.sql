-- The decomposed tables of the lesson, with a few invented lines.
PRAGMA foreign_keys = ON;

CREATE TABLE students (
    email TEXT PRIMARY KEY,
    name  TEXT NOT NULL
);

CREATE TABLE courses (
    title   TEXT PRIMARY KEY,
    teacher TEXT NOT NULL,
    room    TEXT NOT NULL
);

CREATE TABLE marks (
    email  TEXT NOT NULL REFERENCES students(email),
    course TEXT NOT NULL REFERENCES courses(title),
    mark   REAL NOT NULL CHECK (mark BETWEEN 0 AND 20),
    PRIMARY KEY (email, course)
);

INSERT INTO students VALUES ('one@univ.example', 'S. One'), ('two@univ.example', 'S. Two');
INSERT INTO courses VALUES ('Algebra', 'Team A', '101'), ('Optics', 'Team B', '204'), ('Logic', 'Team C', '101');
INSERT INTO marks VALUES
    ('one@univ.example', 'Algebra', 14),
    ('one@univ.example', 'Optics', 11),
    ('two@univ.example', 'Algebra', 9);

-- Exercise 3: courses without marks, then each student's mean.
SELECT title FROM courses WHERE title NOT IN (SELECT course FROM marks);
SELECT s.name, AVG(m.mark) FROM students s JOIN marks m ON m.email = s.email GROUP BY s.email;
