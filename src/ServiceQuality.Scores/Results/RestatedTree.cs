using Npgsql;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>A document that would be restated: what stands and what would replace it, without its number and reason.</summary>
internal sealed record RestatedDocument(PinnedUnit Unit, ResultDocument Former, string FormerHash, ResultDocument Document)
{
    public bool Differs => !Document.SaysTheSameAs(Former);
}

/// <summary>
/// What a restatement of one unit makes of the tree (scoring.md §11). The unit and everything under it is read as of now; whatever is beside it stays at the positions
/// and moments of the documents that are official. So a region changes by what its branch changes, and by nothing that came in elsewhere.
/// </summary>
internal sealed class RestatedTree(ComputeClosings closings, PinnedReadings readings, SchemeBook schemes, TimeProvider clock)
{
    /// <summary>The unit's own document first, then those above and below it, from the top down, whether they differ or not.</summary>
    public async Task<IReadOnlyList<RestatedDocument>> ComputeAsync(NpgsqlConnection connection, Closing closing, PinnedUnit unit, CancellationToken ct)
    {
        var now = closing with { Moment = Entry.Micros(clock.GetUtcNow()) };
        var units = await UnitsAsync(connection, closing, unit, now.Moment, ct);
        var saved = await SavedReadings.FindAsync(connection, closing.Id, schemes.Active, ct);
        // What stands keeps its document and the facts that this names: only the journals on the way are looked through.
        var named = units.Where(one => unit.Path.StartsWith(one.Path, StringComparison.Ordinal) || one.Path.StartsWith(unit.Path, StringComparison.Ordinal)).Select(one => one.Unit).ToHashSet();
        var input = await closings.InputAsync(connection, now, units, schemes.Active,
            async (one, catalogue) => saved.Find(one.Unit, one.Seq, one.AsOf!.Value) ?? await readings.ReadAsync(one, now.Period, one.AsOf!.Value, catalogue, ct), ct, named);
        var above = units.Where(one => unit.Path.StartsWith(one.Path, StringComparison.Ordinal)).Select(one => one.Unit).ToHashSet();
        var standing = units.Where(one => one.Parent is { } parent && above.Contains(parent) && !above.Contains(one.Unit) && one.Parent != unit.Unit).ToList();
        var documents = await ResultRows.DocumentsAsync(connection, closing.Id, [.. standing.Select(one => one.Unit)], ct);
        input = input with { Standing = standing.ToDictionary(one => one.Unit, one => documents.TryGetValue(one.Unit, out var it) ? it.Document : null) };

        var computed = new List<(PinnedUnit Unit, ResultDocument Document)>();
        await new ResultComputation(input, units).RunAsync(finished =>
        {
            computed.AddRange(finished.Where(one => !input.Standing.ContainsKey(one.Unit.Unit)));
            return Task.CompletedTask;
        });
        var former = await ResultRows.DocumentsAsync(connection, closing.Id, [.. computed.Select(one => one.Unit.Unit)], ct);
        return [.. computed.Where(one => former.ContainsKey(one.Unit.Unit)).OrderBy(one => one.Unit.Unit != unit.Unit).ThenBy(one => one.Unit.Path, StringComparer.Ordinal)
            .Select(one => new RestatedDocument(one.Unit, former[one.Unit.Unit].Document, former[one.Unit.Unit].Hash, one.Document))];
    }

    /// <summary>The units of the closing with the positions that their journals are read at.</summary>
    private static async Task<List<PinnedUnit>> UnitsAsync(NpgsqlConnection connection, Closing closing, PinnedUnit unit, DateTimeOffset now, CancellationToken ct)
    {
        var units = await ClosingRows.UnitsAsync(connection, closing.Id, "", ct);
        var restated = await PositionsAsync(connection, closing, ct);
        for (var i = 0; i < units.Count; i++)
        {
            var (seq, asOf) = restated.GetValueOrDefault(units[i].Unit, (units[i].Seq, closing.Moment));
            units[i] = units[i] with { Seq = seq, AsOf = asOf };
        }
        await Recompute.AddBranchesAsync(connection, units, ct);
        var below = units.Where(one => one.Path.StartsWith(unit.Path, StringComparison.Ordinal)).ToList();
        await Recompute.AddBranchesAsync(connection, below, ct, newest: true);
        var newest = below.ToDictionary(one => one.Unit, one => one with { AsOf = now });
        return units.ConvertAll(one => newest.GetValueOrDefault(one.Unit, one));
    }

    /// <summary>Positions that restatements have moved: a journal's newest is in the newest document on its way to the top.</summary>
    private static async Task<Dictionary<Guid, (long Seq, DateTimeOffset AsOf)>> PositionsAsync(NpgsqlConnection connection, Closing closing, CancellationToken ct)
    {
        var positions = new Dictionary<Guid, (long Seq, DateTimeOffset AsOf)>();
        await using var command = ClosingRows.Command(connection, "SELECT DISTINCT ON (unit) content FROM result WHERE closing = $1 AND number > 0 ORDER BY unit, number DESC", closing.Id);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var document = ResultSeal.Read(reader.GetString(0));
            foreach (var journal in document.Journals)
            {
                var at = (journal.Seq, journal.AsOf ?? document.AsOf);
                if (!positions.TryGetValue(journal.Unit, out var known) || at.CompareTo(known) > 0)
                    positions[journal.Unit] = at;
            }
        }
        return positions;
    }
}
