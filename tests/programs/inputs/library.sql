PRAGMA journal_mode = DELETE;
CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE book(id INTEGER PRIMARY KEY, author INTEGER REFERENCES author(id), title TEXT, year INT, price REAL);
INSERT INTO author(name) VALUES ('Lem'), ('Le Guin'), ('Strugatsky'), ('Čapek');
BEGIN;
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
INSERT INTO book(author, title, year, price)
SELECT 1 + i % 4, 'Book ' || hex(i * 7919 % 65521), 1900 + i % 125, round(i * 0.37 + 1.0 / (i % 9 + 1), 3) FROM n;
COMMIT;
CREATE INDEX book_year ON book(year, price);
SELECT name, count(*), round(sum(price), 2), min(year), max(title) FROM book JOIN author ON author.id = author
GROUP BY name ORDER BY name;
SELECT year, count(*) OVER (PARTITION BY year / 10), rank() OVER (ORDER BY price DESC) FROM book
WHERE year BETWEEN 1969 AND 1971 ORDER BY price DESC, id LIMIT 5;
UPDATE book SET price = price * 1.1 WHERE year < 1930;
DELETE FROM book WHERE id % 3 = 0;
SELECT count(*), total(price), group_concat(DISTINCT author) FROM book;
SELECT NULL, 1e100, -1.5, x'c0ffee' IS NOT NULL, upper('čapek'), printf('%08.3f', 3.14159), json_extract('{"a":[1,2,{"b":"c"}]}', '$.a[2].b');
SELECT substr(title, 1, 9) FROM book WHERE title LIKE '%3738%' ORDER BY id LIMIT 3;
VACUUM;
PRAGMA integrity_check;
