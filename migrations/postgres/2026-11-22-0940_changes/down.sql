DROP TABLE changes;
DROP TABLE last_revision;
