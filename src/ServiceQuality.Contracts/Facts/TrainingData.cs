namespace ServiceQuality.Contracts.Facts;

/// <summary>Somebody finished a course (TRN-09, TRN-12).</summary>
/// <param name="Course">Code of the course, 1–100 characters.</param>
/// <param name="Staff">Opaque id of the person, 1–100 characters.</param>
/// <param name="Passed">Whether the exam was passed.</param>
/// <param name="Score">Result of the exam, 0–100.</param>
/// <param name="Hours">Hours of training, 0–10,000.</param>
public sealed record TrainingCompleted(string Course, string Staff, bool Passed, double Score, double Hours) : FactData;

/// <summary>How many of the unit's people hold what their posts require, at the time of the fact; the newest count replaces the ones before.</summary>
/// <param name="Qualified">People with every certificate that their post requires, 0–<paramref name="Required"/>.</param>
/// <param name="Required">People in posts that require certificates, 0–1,000,000.</param>
public sealed record TrainingCoverage(int Qualified, int Required) : FactData;
