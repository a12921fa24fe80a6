-- Mark of a session's log, made with a key outside of the state folder: null if the user who began the session had none.
ALTER TABLE sessions ADD COLUMN mark TEXT;
