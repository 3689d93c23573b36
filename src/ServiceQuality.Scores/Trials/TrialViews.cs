using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Comparison;
using ServiceQuality.Scoring.Trials;

namespace ServiceQuality.Scores.Trials;

/// <summary>The indicator that changes a score the most, and by how much.</summary>
internal sealed record LeadingView(string Code, Bilingual Name, double Effect);

/// <summary>What the edited scheme does to one unit. Ranks count the units of the trial that have a grade; a move is positive when places are won.</summary>
internal sealed record TrialRow(
    UnitView Unit, double? Before, double? After, double? Change, GradeView? GradeBefore, GradeView? GradeAfter, double CoverageBefore, double CoverageAfter,
    int? RankBefore, int? RankAfter, int? RankMove, LeadingView? Leading)
{
    public static TrialRow Of(OrgUnit unit, UnitEffect effect) => new(
        UnitView.Of(unit), Rounded(effect.Before), Rounded(effect.After), Rounded(effect.Change), GradeView.Of(effect.GradeBefore), GradeView.Of(effect.GradeAfter),
        Math.Round(effect.CoverageBefore, 6), Math.Round(effect.CoverageAfter, 6), effect.RankBefore, effect.RankAfter, effect.RankMove,
        effect.Leading is { } leading ? new(leading.Code, leading.Name, Math.Round(effect.LeadingEffect, 6)) : null);

    internal static double? Rounded(double? number) => number is { } value ? Math.Round(value, 6) : null;
}

/// <summary>A unit that merges others: its score is that of the merged readings, never a mean of scores.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Units">How many of the units tried lie under it.</param>
/// <param name="Before">Score under the present scheme.</param>
/// <param name="After">Score under the edited one.</param>
/// <param name="Change">The difference.</param>
/// <param name="GradeBefore">Grade under the present scheme.</param>
/// <param name="GradeAfter">Grade under the edited one.</param>
internal sealed record TrialGroup(UnitView Unit, int Units, double? Before, double? After, double? Change, GradeView? GradeBefore, GradeView? GradeAfter)
{
    public static TrialGroup Of(OrgUnit unit, int units, UnitEffect effect) => new(
        UnitView.Of(unit), units, TrialRow.Rounded(effect.Before), TrialRow.Rounded(effect.After), TrialRow.Rounded(effect.Change), GradeView.Of(effect.GradeBefore), GradeView.Of(effect.GradeAfter));
}

/// <summary>Units that go from one grade to another; null is no grade.</summary>
internal sealed record GradeMoveView(GradeView? From, GradeView? To, int Units);

/// <summary>What one indicator does on average, by its points (standard, minimum sample) and by its weight.</summary>
internal sealed record LeafEffectView(string Code, Bilingual Name, double MeanEffect, double PointsEffect, double WeightEffect, int Units);

/// <summary>An indicator.</summary>
internal sealed record IndicatorName(string Code, Bilingual Name, string Measure)
{
    public static IndicatorName Of(Indicator indicator) => new(indicator.Code, indicator.Name, indicator.Measure.Code);
}

/// <summary>Present values of an indicator, ascending, at most 200: of more units those at equal distances by rank.</summary>
internal sealed record AxisView(string Indicator, string Unit, IReadOnlyList<double> Values);

/// <summary>What a trial found, cut to a bounded length; <see cref="Totals"/>, <see cref="GradeMoves"/> and <see cref="Leaves"/> are over every unit tried.</summary>
/// <param name="Present">The version that the effect is measured from.</param>
/// <param name="Edited">The version that was tried.</param>
/// <param name="Period">The period.</param>
/// <param name="AsOf">The moment of the readings.</param>
/// <param name="Knowledge">now: with the facts known at <paramref name="AsOf"/>, late ones included; then: with those received up to the end of the period.</param>
/// <param name="Totals">Figures over all units.</param>
/// <param name="GradeMoves">Every unit once, by grade before and after.</param>
/// <param name="Leaves">Indicators whose part changes, largest mean effect first.</param>
/// <param name="Whole">The uppermost unit tried, merged; null when nothing is known of it.</param>
/// <param name="Groups">The units below it, merged.</param>
/// <param name="Winners">Units with the largest gains.</param>
/// <param name="Losers">Units with the largest losses.</param>
/// <param name="Units">Units in the order asked for.</param>
/// <param name="Left">How many more there are.</param>
/// <param name="NotMeasured">Indicators that no ledger measures yet: treated as without data until the scheme is approved.</param>
/// <param name="Silent">Other indicators for which no unit has a sufficient sample.</param>
/// <param name="HeldDays">Days that held values could look back, when the scheme asks for more; else null.</param>
/// <param name="Axis">Present values of the indicator asked for.</param>
internal sealed record TrialView(
    SchemeReference Present, SchemeReference Edited, string Period, DateTimeOffset AsOf, string Knowledge, TrialTotals Totals, IReadOnlyList<GradeMoveView> GradeMoves,
    IReadOnlyList<LeafEffectView> Leaves, TrialGroup? Whole, IReadOnlyList<TrialGroup> Groups, IReadOnlyList<TrialRow> Winners, IReadOnlyList<TrialRow> Losers,
    IReadOnlyList<TrialRow> Units, int Left, IReadOnlyList<IndicatorName> NotMeasured, IReadOnlyList<IndicatorName> Silent, int? HeldDays, AxisView? Axis)
{
    /// <summary>How far the official results of the period are from what was tried; null where nothing is published.</summary>
    public OfficialComparison? Official { get; init; }

    /// <summary>The same with what was known when the period ended, where that was asked for.</summary>
    public TrialView? Then { get; init; }

    private const int MostExtremes = 10;

    public static TrialView Of(TrialResult result, IReadOnlyList<OrgUnit> units, TrialGroup? whole, IReadOnlyList<TrialGroup> groups, PeriodWindow window, TrialOrder order, int limit, AxisView? axis, string knowledge = "now")
    {
        var rows = units.Zip(result.Units, TrialRow.Of).ToList();
        var sorted = order.Sort(rows);
        return new(
            SchemeReference.Of(result.Present), SchemeReference.Of(result.Edited), window.Period.ToString(), window.AsOf, knowledge, result.Totals,
            [.. result.GradeMoves.Select(move => new GradeMoveView(GradeView.Of(move.From), GradeView.Of(move.To), move.Units))],
            [.. result.Leaves.Select(leaf => new LeafEffectView(leaf.Indicator.Code, leaf.Indicator.Name, leaf.MeanEffect, leaf.MeanPointsEffect, leaf.MeanWeightEffect, leaf.Units))],
            whole, groups,
            [.. TrialOrder.Gain.Sort(rows).TakeWhile(row => row.Change > Trial.Noise).Take(MostExtremes)],
            [.. TrialOrder.Loss.Sort(rows).TakeWhile(row => row.Change < -Trial.Noise).Take(MostExtremes)],
            [.. sorted.Take(limit)], Math.Max(0, rows.Count - limit),
            [.. result.NotMeasured.Select(IndicatorName.Of)], [.. result.Silent.Select(IndicatorName.Of)], result.HeldDays, axis);
    }
}

/// <summary>A trial beside the published results of its period.</summary>
/// <param name="Units">Units that have both.</param>
/// <param name="MeanPresent">Mean of score under the version that was in force − official points: late facts and restatements; null without units.</param>
/// <param name="MeanEdited">Mean of score under the tried version − official points.</param>
/// <param name="Tau">Kendall's τ between official points and tried scores; null with fewer than two units.</param>
internal sealed record OfficialComparison(int Units, double? MeanPresent, double? MeanEdited, double? Tau)
{
    /// <summary>Compares effects with official points; null when no unit has any.</summary>
    public static OfficialComparison? Of(IEnumerable<(UnitEffect Effect, decimal? Official)> units)
    {
        var both = units.Where(unit => unit is { Official: not null, Effect: { Before: not null, After: not null } }).Select(unit => (Official: (double)unit.Official!.Value, Before: unit.Effect.Before!.Value, After: unit.Effect.After!.Value)).ToList();
        return both.Count == 0 ? null : new(both.Count, Math.Round(both.Average(unit => unit.Before - unit.Official), 6), Math.Round(both.Average(unit => unit.After - unit.Official), 6),
            RankCorrelation.KendallTauB([.. both.Select(unit => unit.Official)], [.. both.Select(unit => unit.After)]));
    }
}

/// <summary>In which order the units of a trial are listed.</summary>
internal sealed record TrialOrder(string Name, Func<TrialRow, double?> By)
{
    /// <summary>Largest gain first.</summary>
    public static readonly TrialOrder Gain = new("gain", row => -row.Change);

    /// <summary>Largest loss first.</summary>
    public static readonly TrialOrder Loss = new("loss", row => row.Change);

    private static readonly TrialOrder[] All =
        [Gain, Loss, new("rank", row => row.RankAfter), new("before", row => row.RankBefore), new("move", row => -Math.Abs(row.RankMove ?? 0)), new("code", _ => 0)];

    public static string Names { get; } = string.Join(", ", All.Select(order => order.Name));

    public static TrialOrder? Find(string name) => Array.Find(All, order => order.Name == name);

    /// <summary>Units without the figure come last, equal ones in the order of their codes.</summary>
    public IEnumerable<TrialRow> Sort(IEnumerable<TrialRow> rows) => rows.OrderBy(row => By(row) is null).ThenBy(By).ThenBy(row => row.Unit.Code, StringComparer.Ordinal);
}
