using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Scores.Comparison;
using ServiceQuality.Scores.Results;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Charts;

/// <summary>The score of a month of a unit.</summary>
/// <param name="Month">Its first day.</param>
/// <param name="Score">0–100; null when nothing happened or nothing is kept.</param>
/// <param name="Interval">95 % interval; null for an official result.</param>
/// <param name="Coverage">Share of leaf weight that had data.</param>
/// <param name="IsOfficial">From a published result, because its days are no longer kept; else computed from them.</param>
/// <param name="IsToDate">The month is not over.</param>
internal sealed record MonthScore(DateOnly Month, double? Score, Interval? Interval, double Coverage, bool IsOfficial, bool IsToDate)
{
    private const double LeastCoverage = 0.5;

    public string Name => Period.Whole(PeriodKind.Month, Month).ToString();

    /// <summary>The score where it says something of the unit: half of the indicators by weight had data.</summary>
    public double? Telling => Coverage >= LeastCoverage ? Score : null;
}

/// <summary>Reads months of units: from the days while they are kept, from published results before. Computed once an hour.</summary>
internal sealed class MonthlyScores(UnitScores scores, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, TimeProvider clock)
{
    // Days are kept 400 days (scoring.md §2); the newest may be a day behind another time zone's.
    private const int DaysKept = 398;
    private const int MostKept = 2_000;
    private readonly HourMemory<(Guid, DateOnly, int), IReadOnlyList<MonthScore>> _months = new(clock, MostKept);

    /// <summary>So many months from a first day of a month on; those that have not begun are left out.</summary>
    public Task<IReadOnlyList<MonthScore>> ReadAsync(OrgUnit unit, DateOnly first, int count, DateOnly today, CancellationToken ct) =>
        _months.GetAsync((unit.Id, first, count), () => ComputeAsync(unit, first, count, today), ct);

    private async Task<IReadOnlyList<MonthScore>> ComputeAsync(OrgUnit unit, DateOnly first, int count, DateOnly today)
    {
        List<DateOnly> months = [.. Enumerable.Range(0, count).Select(first.AddMonths).TakeWhile(month => month <= today)];
        var official = await OfficialAsync(unit, [.. months.Where(month => !IsKept(month, today)).Select(month => Period.Whole(PeriodKind.Month, month).ToString())]);
        var found = new List<MonthScore>(months.Count);
        foreach (var month in months)
        {
            var period = Period.Whole(PeriodKind.Month, month);
            if (!IsKept(month, today))
            {
                var row = official.GetValueOrDefault((unit.Id, period.ToString()));
                found.Add(new(month, (double?)row?.Official, null, row?.Coverage ?? 0, IsOfficial: row is not null, IsToDate: false));
                continue;
            }
            var score = await scores.ReadAsync(unit, period, asOf: null, version: null, CancellationToken.None);
            found.Add(score.ScoredUnits == 0
                ? new(month, null, null, 0, IsOfficial: false, IsToDate: period.End >= today)
                : new(month, score.Score.Value, score.Score.Interval, score.Score.Coverage, IsOfficial: false, IsToDate: period.End >= today));
        }
        return found;
    }

    private async Task<Dictionary<(Guid Unit, string Period), ResultRow>> OfficialAsync(OrgUnit unit, IReadOnlyList<string> months)
    {
        if (months.Count == 0)
            return [];
        await using var connection = await db.OpenConnectionAsync(CancellationToken.None);
        return await ResultRows.PublishedAsync(connection, [unit.Id], months, CancellationToken.None);
    }

    private static bool IsKept(DateOnly month, DateOnly today) => today.DayNumber - month.DayNumber < DaysKept;
}
