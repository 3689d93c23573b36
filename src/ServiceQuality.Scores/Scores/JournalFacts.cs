using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>The facts of a journal that may have cost a score something: a function of the journal up to a position, and of the window.</summary>
internal sealed class JournalFacts([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db)
{
    private const int MostFacts = 250_000;
    private static readonly TimeSpan Before = TimeSpan.FromDays(7);
    private readonly Journal _journal = new(db);

    public async Task<List<Fact>> ReadAsync(Guid unit, long upTo, PeriodWindow window, CancellationToken ct) =>
        await ReadAsync((await _journal.OpenAsync(unit, ct)).Branch, upTo, window, ct);

    /// <summary>Of the newest 250,000 facts those in the window; faults and states also of the week before it: a fault may still be open, and what was told of states still holds.</summary>
    public async Task<List<Fact>> ReadAsync(int branch, long upTo, PeriodWindow window, CancellationToken ct)
    {
        // A fact may be reported late, never much before it happens.
        var start = Math.Max(await _journal.SeqAsOfAsync(branch, window.From - Before, ct), upTo - MostFacts);
        await using var rows = await JournalCursor.OpenAsync(db, branch, start, upTo, received: null, ct);
        var facts = new List<Fact>();
        while (await rows.MoveNextAsync(ct))
        {
            if ((rows.Time >= window.From && rows.Time <= window.To) || rows.Type is FactTypes.FaultOpened or FactTypes.FaultRestored or FactTypes.RiskAssessed or FactTypes.TrainingCoverage)
                facts.Add(FactOf.Row(rows));
        }
        return facts;
    }
}
