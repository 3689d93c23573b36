using ServiceQuality.Scores.Comparison;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Charts;
using ServiceQuality.Scoring.Comparison;
using ServiceQuality.Scoring.Forecasts;

namespace ServiceQuality.Scores.Charts;

/// <summary>How steady units were, beside the year before and their siblings, and what to expect of them (SCO-30, RPT-11). Days and months are computed once an hour.</summary>
internal sealed class UnitTrends(UnitBuckets buckets, MonthlyScores monthly, UnitReplica units, TimeProvider clock)
{
    private const int MostSiblings = 60;
    private const int MonthsLookedAt = 36;
    private static readonly Interval Scores = new(0, 100);

    private readonly HourMemory<(Guid, DateOnly, DateOnly), IReadOnlyList<double?>> _days = new(clock);

    /// <summary>Months, days and signals of a quarter or year, as far as it has come.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="period">A whole quarter or year that has begun.</param>
    /// <param name="today">Today in the zone of the unit.</param>
    /// <param name="rules">Rules of the chart; null for 3σ limits alone.</param>
    /// <param name="sees">Whether the caller may see a sibling.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task<StabilityView> StabilityAsync(OrgUnit unit, Period period, DateOnly today, RuleSet? rules, Func<OrgUnit, bool> sees, CancellationToken ct)
    {
        var (first, count) = (period.Start!.Value, period.Kind == PeriodKind.Year ? 12 : 3);
        var months = await monthly.ReadAsync(unit, first, count, today, ct);
        var before = await monthly.ReadAsync(unit, first.AddYears(-1), count, today, ct);
        var last = period.End < today ? period.End!.Value : today;
        var daily = await _days.GetAsync((unit.Id, first, last), () => DailyAsync(unit, first, last), ct);
        return StabilityView.Of(
            UnitView.Of(unit), period, months, before, [.. Enumerable.Range(0, daily.Count).Select(first.AddDays)], daily, Stability.Of([.. months.Select(month => month.Score)], daily, rules),
            await SiblingsAsync(unit, first, count, today, sees, ct));
    }

    /// <summary>The next months, from whole months that say something.</summary>
    public async Task<ForecastView> ForecastAsync(OrgUnit unit, int periods, DateOnly today, CancellationToken ct)
    {
        var running = new DateOnly(today.Year, today.Month, 1);
        List<MonthScore> months = [.. (await monthly.ReadAsync(unit, running.AddMonths(-MonthsLookedAt), MonthsLookedAt, today, ct)).SkipWhile(month => month.Telling is null)];
        var found = Forecast.Of([.. months.Select(month => month.Telling)], periods, Scores);
        return new(
            UnitView.Of(unit), found.Method is { } method ? Codes.Of(method) : null, found.Alpha, found.Beta, found.Phi, found.Level, found.Trend, found.Deviation, found.Points, Forecast.Fewest, found.Reason,
            [.. months.Select(MonthScoreView.Of)],
            [.. found.Steps.Select(step => new ForecastMonthView(Period.Whole(PeriodKind.Month, running.AddMonths(step.Ahead - 1)).ToString(), step.Value, new(step.Interval.Low, step.Interval.High), step.Error))]);
    }

    private async Task<IReadOnlyList<double?>> DailyAsync(OrgUnit unit, DateOnly first, DateOnly last)
    {
        DateOnly[] days = [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays)];
        var readings = await buckets.DaysAsync(unit, days, CancellationToken.None);
        return [.. readings.Select((day, i) => UnitCharts.DayScore(buckets.SchemeOn(days[i]), day))];
    }

    /// <summary>The units with the same parent that the caller may see, the best mean first.</summary>
    private async Task<IReadOnlyList<SiblingMonthsView>> SiblingsAsync(OrgUnit unit, DateOnly first, int count, DateOnly today, Func<OrgUnit, bool> sees, CancellationToken ct)
    {
        if (unit.Parent is not { } parent || units.Tree.Find(parent) is not { } above)
            return [];
        var rows = new List<SiblingMonthsView>();
        foreach (var one in units.Tree.Children(above).Where(one => one.Id != unit.Id && one.State == "active" && sees(one)).Take(MostSiblings - 1).Append(unit))
        {
            var months = (await monthly.ReadAsync(one, first, count, today, ct)).Select(month => month.Score).ToList();
            List<double> scored = [.. months.OfType<double>()];
            rows.Add(scored.Count == 0
                ? new(UnitView.Of(one), months, null, null, null)
                : new(UnitView.Of(one), months, scored.Average(), scored.Max() - scored.Min(), scored.Count > 1 ? scored[^1] - scored[0] : null));
        }
        return [.. rows.OrderByDescending(row => row.Mean ?? -1).ThenBy(row => row.Unit.Code, StringComparer.Ordinal)];
    }
}
