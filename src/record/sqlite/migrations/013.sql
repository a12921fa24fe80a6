-- What a load found, at that moment. Logs of before tell of none.
ALTER TABLE loads ADD COLUMN bytes INTEGER;
ALTER TABLE loads ADD COLUMN hash TEXT;
