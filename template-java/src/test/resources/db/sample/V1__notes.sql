-- A schema for the tests of the platform.
CREATE TABLE notes (text TEXT);
