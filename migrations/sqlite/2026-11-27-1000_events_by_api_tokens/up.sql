-- An event tells which API token a change was made with. Its column `object` names all objects that the change touched, with spaces
-- between them.
ALTER TABLE events ADD COLUMN api_token TEXT;
