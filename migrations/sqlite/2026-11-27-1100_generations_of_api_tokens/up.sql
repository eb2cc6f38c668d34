-- Which of its values an API token has: two of one second are two, and a clock that is set back does not mix them up.
ALTER TABLE api_tokens ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
