-- Answers of surveys by unit and time: SERVQUAL gaps are told down to items and sheets, which no bucket keeps (SCO-11, MON-26).
CREATE INDEX journal_survey ON journal (branch, time) WHERE type = 'servicequality.survey.response.v1';
