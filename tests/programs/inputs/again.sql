SELECT count(*), round(avg(price), 4) FROM book;
SELECT name FROM author ORDER BY name DESC;
INSERT INTO author(name) VALUES ('Lem');
