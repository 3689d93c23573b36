-- Cases that annotate the service-quality index are read by unit and time (SCO-21).
CREATE INDEX journal_adjustment ON journal (branch, time) WHERE type IN ('servicequality.deduction.v1', 'servicequality.bonus.v1', 'servicequality.adjustment.withdrawn.v1');
