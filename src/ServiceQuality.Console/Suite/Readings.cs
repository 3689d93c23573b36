using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceQuality.Console.Suite;

/// <summary>A name in both languages.</summary>
public sealed record LocalName(string? Zh, string? En)
{
    public static readonly LocalName Unnamed = new(null, null);

    public string In(Figures.Language language, string otherwise) =>
        (language == Figures.Language.Chinese ? Zh ?? En : En ?? Zh) is { Length: > 0 } name ? name : otherwise;
}

/// <summary>One unit of the organisation, as GET /api/units tells.</summary>
public sealed record Unit(Guid Id, string Code, LocalName Name, string Kind, string? ContactPoint, Guid? Parent, string Path, string? TimeZone, long CustomersServed, string State);

public sealed record UnitPage(IReadOnlyList<Unit> Items, string? Next);

/// <summary>The unit a score belongs to.</summary>
public sealed record ScoredUnit(Guid Id, string Code, LocalName? Name, string Kind, string Path)
{
    public LocalName Named => Name ?? LocalName.Unnamed;

    /// <summary>Path of the unit above; empty for the root.</summary>
    public string Above => Path.TrimEnd('/').LastIndexOf('/') is var slash and >= 0 ? Path[..(slash + 1)] : "";
}

public sealed record Interval(double? Low, double? High);

/// <summary>A grade: its code, and its name where the answer carries one.</summary>
[JsonConverter(typeof(GradeJson))]
public sealed record Grade(string Code, LocalName? Name);

public sealed record Freshness(DateTimeOffset? Newest, DateTimeOffset? Received, string? State)
{
    /// <summary>Since when nothing has arrived; the state is judged by it.</summary>
    public DateTimeOffset? Since => Received ?? Newest;
}

public sealed record FamilyPoints(string Code, double? Points);

public sealed record SchemeRef(string Id, int Version);

public sealed record BoardRow(
    ScoredUnit Unit, double? Score, Interval? Interval, Grade? Grade, double Coverage, double? Change24h, bool? ChangeSignificant,
    IReadOnlyList<double?>? Trend, Freshness? Freshness, IReadOnlyList<FamilyPoints>? Families);

public sealed record BoardFacts(long LastHour, double? LagP95Seconds);

/// <summary>GET /api/overview.</summary>
public sealed record Board(DateTimeOffset AsOf, string Period, SchemeRef? Scheme, BoardRow? Organisation, IReadOnlyList<BoardRow> Units, BoardFacts? Facts);

public sealed record Position(long Seq);

public sealed record Adjustment(string Rule, string Kind, double Points, double Counted, int Facts);

public sealed record FamilyScore(string Code, LocalName? Name, string? Parent, double? Points, double? Weight, double? EffectiveWeight, double? Contribution, double? Coverage);

public sealed record CostlyFact(Guid Unit, long Seq, string? Source, string? Id, DateTimeOffset Time, double? Cost, JsonElement Data);

public sealed record LeafScore(
    string Code, LocalName? Name, string? Family, string? Measure, string? Unit, double? Value, Interval? Interval, long? Sample, double? Points,
    Grade? Grade, double? Weight, double? EffectiveWeight, double? Contribution, string? State, string? Reason,
    IReadOnlyList<IReadOnlyList<double>>? Breakpoints, IReadOnlyList<CostlyFact>? Worst, IReadOnlyList<string>? Marks = null, double? Target = null, bool? MeetsTarget = null);

/// <summary>GET /api/scores/{unit}/explanation.</summary>
public sealed record UnitScore(
    ScoredUnit Unit, string Period, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, double? Score, Interval? Interval, Grade? Grade, double Coverage,
    SchemeRef? Scheme, Position? Position, int? ScoredUnits, IReadOnlyList<NotScored>? NotScored, IReadOnlyList<Adjustment>? Adjustments,
    IReadOnlyList<FamilyScore>? Families, IReadOnlyList<LeafScore>? Leaves, Freshness? Freshness, string? Hash)
{
    /// <summary>The fuzzy verdict beside the score.</summary>
    public Evaluations.FuzzySummary? Fuzzy { get; init; }

    /// <summary>The score by part of the service-quality index.</summary>
    public QualityIndex? Index { get; init; }
}

/// <summary>A part of the service-quality index.</summary>
public sealed record IndexPart(string Code, double Weight, double? Points, double Weighted, int Indicators, int Scored);

/// <summary>A case that took or gave points.</summary>
public sealed record AdjustmentCase(ScoredUnit Unit, string Rule, LocalName? Name, string Kind, double Points, string? Reason, string? Order, DateTimeOffset Time);

/// <summary>The service-quality index: the score by part, with the cases that annotate it.</summary>
public sealed record QualityIndex(IReadOnlyList<IndexPart> Parts, double? Sum, double Bonuses, double Deductions, double? Value, IReadOnlyList<AdjustmentCase> Cases, bool MoreCases);

public sealed record NotScored(string Code, LocalName? Name);

public sealed record LeafChange(string Code, double? PointsEffect, double? WeightEffect, double Total, double? FromValue, double? ToValue, double? FromPoints, double? ToPoints);

public sealed record ScoreThen(double? Score, Grade? Grade, Interval? Interval);

/// <summary>GET /api/scores/{unit}/changes. The change of the adjustments is a figure, or one figure by rule.</summary>
public sealed record ScoreChanges(ScoreThen? From, ScoreThen? To, double? Total, IReadOnlyList<LeafChange>? Leaves, JsonElement Adjustments)
{
    /// <summary>What deductions and bonuses changed, in points of the score.</summary>
    public double AdjustmentsTotal => Adjustments.ValueKind switch
    {
        JsonValueKind.Number => Adjustments.GetDouble(),
        JsonValueKind.Array => Adjustments.EnumerateArray().Sum(each => each.TryGetProperty("total", out var total) && total.ValueKind == JsonValueKind.Number ? total.GetDouble() : 0),
        _ => 0,
    };
}

public sealed record HistoryPoint(DateTimeOffset At, double? Score, double? Low, double? High, double? Coverage, Grade? Grade);

/// <summary>GET /api/scores/{unit}/history.</summary>
public sealed record ScoreHistory(IReadOnlyList<HistoryPoint> Points);

/// <summary>GET /api/telemetry/status: what reached the suite in the last hour.</summary>
public sealed record IntakeStatus(long Accepted, long Duplicate, JsonElement Rejected)
{
    /// <summary>Facts refused, over all codes.</summary>
    public long Refused => Rejected.ValueKind switch
    {
        JsonValueKind.Number => Rejected.GetInt64(),
        JsonValueKind.Object => Rejected.EnumerateObject().Where(code => code.Value.ValueKind == JsonValueKind.Number).Sum(code => code.Value.GetInt64()),
        _ => 0,
    };
}

/// <summary>Leaves carry the code of their grade alone, units carry code and name.</summary>
public sealed class GradeJson : JsonConverter<Grade>
{
    public override Grade? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new Grade(reader.GetString()!, null);

        using var grade = JsonDocument.ParseValue(ref reader);
        return new Grade(
            grade.RootElement.GetProperty("code").GetString()!,
            grade.RootElement.TryGetProperty("name", out var name) ? name.Deserialize<LocalName>(options) : null);
    }

    public override void Write(Utf8JsonWriter writer, Grade value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("code", value.Code);
        writer.WritePropertyName("name");
        JsonSerializer.Serialize(writer, value.Name, options);
        writer.WriteEndObject();
    }
}
