using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Access;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Scores.Charts;

/// <summary>A chart that can be drawn.</summary>
internal sealed record ChartRequest(Indicator Indicator, ChartDesign Design, string Step, IReadOnlyList<DateOnly> Days)
{
    /// <summary>The design for the data: shares of large samples vary by more than chance from day to day, and get Laney's chart unless a kind was asked for.</summary>
    public required bool TypeWasAsked { private get; init; }

    public ChartDesign For(IReadOnlyList<Tally?> tallies) => TypeWasAsked ? Design : Design with { Type = ChartTypes.SuitedTo(Indicator.Measure, tallies) };
}

/// <summary>The parameters of a chart as they stand in the address.</summary>
/// <param name="Type">i-mr, p, u, p-prime, ewma, cusum; default by the indicator's aggregator: shares p, or p-prime where samples are large (500 on the average), counts and rates u, all others i-mr.</param>
/// <param name="Rules">three-sigma (default), western-electric, nelson, western-electric:1,4 …; not with ewma and cusum.</param>
/// <param name="Step">day (default) or hour.</param>
/// <param name="From">First day, yyyy-MM-dd; default 35 days back, for hours 3.</param>
/// <param name="To">Last day; default today.</param>
/// <param name="Baseline">Estimate from so many first points.</param>
/// <param name="Center">Given centre line, in the unit of the measure.</param>
/// <param name="Sigma">Given σ.</param>
/// <param name="Lambda">λ of an EWMA.</param>
/// <param name="Width">L of an EWMA.</param>
/// <param name="Slack">k of a CUSUM.</param>
/// <param name="Decision">h of a CUSUM.</param>
internal sealed record ChartQuery(
    string? Type, string? Rules, string? Step, string? From, string? To, int? Baseline, double? Center, double? Sigma, double? Lambda, double? Width, double? Slack, double? Decision)
{
    private const int MostDays = 400;
    private const int MostHourDays = 14;

    /// <summary>What is asked for, checked; every refusal has a stable code.</summary>
    public ProblemHttpResult? Read(Indicator indicator, DateOnly today, out ChartRequest request)
    {
        request = new(indicator, new(ChartType.IMr), Step ?? "day", []) { TypeWasAsked = Type is { Length: > 0 } };
        if (Days(today, out var days) is { } refusal)
            return refusal;
        var refused = Design(indicator, out var design);
        request = request with { Design = design, Days = days };
        return refused;
    }

    /// <summary>A rule set by its name; null for none given.</summary>
    public static ProblemHttpResult? Read(string? text, out RuleSet? rules)
    {
        rules = null;
        try
        {
            rules = string.IsNullOrWhiteSpace(text) ? null : RuleSet.Parse(text);
            return null;
        }
        catch (ChartRefusal refusal)
        {
            return Refusal("rules-invalid", refusal.Message);
        }
    }

    private ProblemHttpResult? Days(DateOnly today, out IReadOnlyList<DateOnly> days)
    {
        days = [];
        if (Step is not (null or "day" or "hour"))
            return Refusal("step-invalid", "'step' is day or hour.");
        if ((From is not null && ChartTypes.Day(From) is null) || (To is not null && ChartTypes.Day(To) is null))
            return Refusal("day-invalid", "'from' and 'to' are days such as 2026-11-20.");
        var last = ChartTypes.Day(To) ?? today;
        var first = ChartTypes.Day(From) ?? last.AddDays(Step == "hour" ? -2 : -34);
        if (last > today || first > last)
            return Refusal("range-invalid", "'from' lies after 'to', or 'to' in the future.");
        if (last.DayNumber - first.DayNumber >= (Step == "hour" ? MostHourDays : MostDays))
            return Refusal("range-too-long", $"At most {MostDays} days, or {MostHourDays} by the hour.");
        days = [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays)];
        return null;
    }

    /// <summary>The chart asked for, or the one that belongs to the measure.</summary>
    private ProblemHttpResult? Design(Indicator indicator, out ChartDesign design)
    {
        var own = Tally.ChartOf(indicator.Measure);
        design = new(own);
        if (Type is { Length: > 0 } && !ChartTypes.ByCode.ContainsKey(Type))
            return Refusal("type-invalid", "'type' is i-mr, p, u, p-prime, ewma or cusum.");
        var type = Type is { Length: > 0 } ? ChartTypes.ByCode[Type] : own;
        if (ChartTypes.HasSizes(type) && !(own == type || (own == ChartType.P && type == ChartType.PPrime)))
            return Refusal("type-not-suitable", "p and p-prime are for shares, u is for counts and rates.");
        if (Step == "hour" && !Tally.CanSubtract(indicator.Measure))
            return Refusal("step-not-available", "Percentiles, newest values and faults are charted by the day only.");
        if (Read(Rules, out var rules) is { } unread)
            return unread;
        try
        {
            var scale = indicator.Measure.Aggregator == Aggregator.PerThousand && ChartTypes.HasSizes(type) ? 1000 : 1;
            design = new(type, rules) { Baseline = Baseline, Center = Center / scale, Sigma = Sigma };
            design = design with { Lambda = Lambda ?? design.Lambda, Width = Width ?? design.Width, Slack = Slack ?? design.Slack, Decision = Decision ?? design.Decision };
            ControlChart.Of(design, []);
            return null;
        }
        catch (ChartRefusal refusal)
        {
            return Refusal("design-invalid", refusal.Message);
        }
    }

    private static ProblemHttpResult Refusal(string code, string detail) => Problems.Of(StatusCodes.Status400BadRequest, code, detail);
}
