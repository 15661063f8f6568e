-- A history may be asked for one digit alone: also for one that its user never had, of which there is nothing to find.
CREATE INDEX predictions_user_digit ON predictions (user_id, digit, created_at DESC, id DESC);

-- down
DROP INDEX predictions_user_digit;
