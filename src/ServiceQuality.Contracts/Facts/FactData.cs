using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace ServiceQuality.Contracts.Facts;

/// <summary>What a fact says, by its type. JSON names are camelCase; enumerations are their lower-case names.</summary>
public abstract record FactData;

/// <summary>One service was rendered to one customer, or was abandoned.</summary>
/// <param name="Channel">Where it was rendered.</param>
/// <param name="Service">Code of the service, 1–100 characters.</param>
/// <param name="Agent">Opaque id of the agent.</param>
/// <param name="WaitSeconds">Time the customer waited, seconds, 0–86,400.</param>
/// <param name="HandleSeconds">Time of handling, seconds, 0–604,800.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Errors">Errors found in the service, ≥ 0.</param>
/// <param name="Rating">The customer's rating, 1 (worst) to 5 (best).</param>
/// <param name="Customer">Opaque id of the customer; never a name or a number.</param>
public sealed record ServiceCompleted(
    Channel Channel, string Service, string? Agent, double? WaitSeconds, double? HandleSeconds,
    ServiceOutcome Outcome, int Errors, int? Rating, string? Customer) : FactData;

/// <summary>An asset failed. <paramref name="Fault"/> correlates with the <see cref="FaultRestored"/> that ends it.</summary>
public sealed record FaultOpened(string Asset, string Fault, string? Cause) : FactData;

/// <summary>The asset works again.</summary>
public sealed record FaultRestored(string Asset, string Fault, string? Cause) : FactData;

/// <summary>A reading of a measure that the branch system computed itself.</summary>
/// <param name="Measure">Code of the measure in the catalogue.</param>
/// <param name="Value">The reading, or the mean of <paramref name="Count"/> readings, in the unit of the measure.</param>
/// <param name="Count">How many readings it stands for, ≥ 1, default 1.</param>
public sealed record Measurement(string Measure, double Value, int? Count) : FactData;

/// <summary>
/// A customer answered a survey. CloudEvents <c>source</c> and <c>id</c> name the invitation, so that there is one answer per invitation (MON-26).
/// </summary>
/// <param name="Survey">Code of the survey.</param>
/// <param name="Kind">csat (answers 1–5), nps (0–10), ces (1–7), servqual (pairs 1–7).</param>
/// <param name="Answers">Answer by question, at least one; for servqual none.</param>
/// <param name="Pairs">
/// For servqual, at least one: what was expected and what was perceived, by dimension (<c>reliability responsiveness assurance empathy tangibles</c>)
/// or by item of a dimension (<c>reliability.on-time</c>); null for the other kinds (MON-22).
/// </param>
/// <param name="Group">Quota group of the customer, for example <c>broadband</c> (MON-18, MON-23).</param>
/// <param name="Flags">Codes of what makes the answer suspicious, for example <c>straight-lining</c>. A flagged answer is kept but is not a valid one (MON-26).</param>
public sealed record SurveyResponse(
    string Survey, SurveyKind Kind, IReadOnlyDictionary<string, double> Answers,
    IReadOnlyDictionary<string, ServqualPair>? Pairs = null, string? Group = null, IReadOnlyList<string>? Flags = null) : FactData
{
    /// <summary>Never null: JSON without <c>answers</c> has none.</summary>
    public IReadOnlyDictionary<string, double> Answers { get; init; } = Answers ?? ReadOnlyDictionary<string, double>.Empty;
}

/// <summary>What a customer expected and perceived of one dimension or item of service quality.</summary>
/// <param name="Expectation">1–7.</param>
/// <param name="Perception">1–7.</param>
public sealed record ServqualPair(double Expectation, double Perception)
{
    /// <summary>Whether a text is a key of <see cref="SurveyResponse.Pairs"/>: one of the five dimensions, or an item of one, up to 100 characters.</summary>
    public static bool IsKey(string text) =>
        text.Length <= 100 && text.Split('.', 2) is [var dimension, .. var item] && item is [] or [{ Length: > 0 }]
        && dimension is "reliability" or "responsiveness" or "assurance" or "empathy" or "tangibles";
}

/// <summary>Points taken from the unit's score under a rule of the scheme.</summary>
/// <param name="Rule">Code of the rule, which may cap what counts in a period.</param>
/// <param name="Points">Points, &gt; 0.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Order">The rectification order or case behind it.</param>
public sealed record Deduction(string Rule, decimal Points, string Reason, string? Order) : FactData;

/// <summary>Points added to the unit's score under a rule of the scheme; fields as in <see cref="Deduction"/>.</summary>
public sealed record Bonus(string Rule, decimal Points, string Reason, string? Order) : FactData;

/// <summary>Withdraws the deduction or bonus with this <c>source</c> and <c>id</c>, from its own time on.</summary>
/// <param name="Source">CloudEvents <c>source</c> of the adjustment.</param>
/// <param name="Id">CloudEvents <c>id</c> of the adjustment.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record AdjustmentWithdrawn(string Source, string Id, string Reason) : FactData;

/// <summary>Where a service is rendered.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Channel>))]
public enum Channel
{
    [JsonStringEnumMemberName("hall")] Hall,
    [JsonStringEnumMemberName("hotline")] Hotline,
    [JsonStringEnumMemberName("online")] Online,
    [JsonStringEnumMemberName("field")] Field,
    [JsonStringEnumMemberName("vip")] Vip,
}

/// <summary>How a service ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ServiceOutcome>))]
public enum ServiceOutcome
{
    [JsonStringEnumMemberName("resolved")] Resolved,
    [JsonStringEnumMemberName("unresolved")] Unresolved,
    [JsonStringEnumMemberName("abandoned")] Abandoned,
    [JsonStringEnumMemberName("transferred")] Transferred,
}

/// <summary>Kind of a survey, which fixes the scale of its answers.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SurveyKind>))]
public enum SurveyKind
{
    [JsonStringEnumMemberName("csat")] Csat,
    [JsonStringEnumMemberName("nps")] Nps,
    [JsonStringEnumMemberName("ces")] Ces,
    [JsonStringEnumMemberName("servqual")] Servqual,
}
