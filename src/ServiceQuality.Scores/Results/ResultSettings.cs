using System.ComponentModel.DataAnnotations;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>How periods are closed. Section <c>Results</c>.</summary>
internal sealed class ResultSettings : IValidatableObject
{
    public const string Section = "Results";

    /// <summary>Working days in which a unit may appeal against a published result (SCO-24).</summary>
    [Range(1, 60)]
    public int AppealWorkingDays { get; set; } = 5;

    /// <summary>Days on which nobody works although they are Monday to Friday, as 2026-10-01. The organisation's calendars belong to Organisation and are not replicated here.</summary>
    public string[] NonWorkingDays { get; set; } = [];

    /// <summary>Saturdays and Sundays that are worked.</summary>
    public string[] ExtraWorkingDays { get; set; } = [];

    /// <summary>A result is an outlier among its siblings beyond this modified z-score (SCO-24).</summary>
    [Range(1.0, 100.0)]
    public double OutlierZ { get; set; } = 3.5;

    /// <summary>A result that moved by more points since the period before is told before publishing (SCO-24).</summary>
    [Range(0.1, 100.0)]
    public double JumpPoints { get; set; } = 10;

    /// <summary>How many of the costliest facts a document names per indicator (scoring.md §5); 0 for none. Decided for a period when it is closed.</summary>
    [Range(0, CostliestFacts.Most)]
    public int FactsPerLeaf { get; set; } = 5;

    /// <summary>The working days.</summary>
    public WorkingDays WorkingDays => new(NonWorkingDays.Select(day => Day(day)!.Value).ToHashSet(), ExtraWorkingDays.Select(day => Day(day)!.Value).ToHashSet());

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, days) in new[] { (nameof(NonWorkingDays), NonWorkingDays), (nameof(ExtraWorkingDays), ExtraWorkingDays) })
        {
            if (days.FirstOrDefault(day => Day(day) is null) is { } wrong)
                yield return new ValidationResult($"'{wrong}' is not a day such as 2026-10-01.", [name]);
            else if (days.Length > 1_000)
                yield return new ValidationResult("at most 1,000 days.", [name]);
        }
    }

    private static DateOnly? Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day) ? day : null;
}
