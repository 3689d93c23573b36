using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>Cases behind a score's deductions and bonuses, the newest first.</summary>
internal sealed record AdjustmentCaseList(IReadOnlyList<AdjustmentCaseView> Cases, bool More);

/// <summary>Reads the cases that annotate a score (SCO-21) from the journals behind it: the same window, up to the same positions, without those withdrawn by then.</summary>
/// <remarks>Index journal_adjustment serves the question.</remarks>
internal sealed class AdjustmentCases([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db)
{
    private const int Shown = 20;
    private const int Most = 2_000;

    public async Task<AdjustmentCaseList> FindAsync(UnitScore score, UnitTree tree, bool withReasons, CancellationToken ct)
    {
        // Most scores have none; then the journals need not be asked.
        if (score.Score.Adjustments.Count == 0)
            return new([], false);
        await using var command = db.CreateCommand(
            """
            SELECT p.unit, j.source, j.id, j.type, j.data, j.time FROM unnest($1::uuid[], $2::bigint[]) AS p (unit, seq) JOIN branch b ON b.unit = p.unit JOIN journal j ON j.branch = b.id
            WHERE j.seq <= p.seq AND j.time >= $3 AND j.time <= $4
              AND j.type IN ('servicequality.deduction.v1', 'servicequality.bonus.v1', 'servicequality.adjustment.withdrawn.v1')
            ORDER BY j.time DESC, j.branch, j.seq DESC LIMIT $5
            """);
        var window = score.Score.Window;
        foreach (var value in new object[]
                 {
                     score.Parts.Select(part => part.Unit).ToArray(), score.Parts.Select(part => part.Seq).ToArray(), window.From.UtcDateTime, Later(window.To, score.AsOf).UtcDateTime, Most,
                 })
        {
            command.Parameters.Add(new() { Value = value });
        }
        var (withdrawn, cases) = (new HashSet<(string, string)>(), new List<((string, string) Key, AdjustmentCaseView View)>());
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (key, time) = ((reader.GetString(1), reader.GetString(2)), new DateTimeOffset(reader.GetDateTime(5), TimeSpan.Zero));
            switch (FactOf.Data(reader.GetString(3), reader.GetFieldValue<byte[]>(4)))
            {
                case AdjustmentWithdrawn one:
                    withdrawn.Add((one.Source, one.Id));
                    break;
                case Deduction one when Unit() is { } unit:
                    cases.Add((key, Case(unit, one.Rule, AdjustmentKind.Deduction, one.Points, one.Reason, one.Order)));
                    break;
                case Bonus one when Unit() is { } unit:
                    cases.Add((key, Case(unit, one.Rule, AdjustmentKind.Bonus, one.Points, one.Reason, one.Order)));
                    break;
            }

            OrgUnit? Unit() => time <= window.To ? tree.Find(reader.GetGuid(0)) : null;

            AdjustmentCaseView Case(OrgUnit unit, string rule, AdjustmentKind kind, decimal points, string reason, string? order) => new(
                UnitView.Of(unit), rule, score.Score.Scheme.Adjustments.GetValueOrDefault(rule)?.Name, Codes.Of(kind), points, withReasons ? reason : null, withReasons ? order : null, time);
        }
        var standing = cases.Where(one => !withdrawn.Contains(one.Key)).Select(one => one.View).ToList();
        return new([.. standing.Take(Shown)], standing.Count > Shown);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
