-- What lies beside a version in its own folder and belongs to it, JSON: names below that folder. Logs of before tell of none.
ALTER TABLE versions ADD COLUMN beside TEXT;
