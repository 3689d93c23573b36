using Npgsql;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Branches;

/// <summary>Brings many branches back at once: the newest snapshots, then the rows after them, each in a few streams.</summary>
internal sealed class BranchRecovery(NpgsqlDataSource db, Snapshots snapshots, Func<Guid, TimeZoneInfo?> zoneOf, Func<JournalHead, IEnumerable<Ledger>, BranchLane> newLane)
{
    private const int SnapshotsAtOnce = 500;

    /// <summary>The lanes of these branches, with ledgers that reach up to the end of what was journalled when they were read.</summary>
    public async Task<IReadOnlyList<BranchLane>> RunAsync(IReadOnlyList<JournalHead> heads, IReadOnlyList<MeasureCatalogue> catalogues, CancellationToken ct)
    {
        var streams = Math.Clamp(Environment.ProcessorCount, 1, 4);
        var parts = await Task.WhenAll(heads.Select((head, index) => (head, index)).GroupBy(one => one.index % streams, one => one.head)
            .Select(part => Task.Run(() => RecoverAsync([.. part], catalogues, ct), ct)));
        return [.. parts.SelectMany(part => part)];
    }

    private async Task<IReadOnlyCollection<BranchLane>> RecoverAsync(IReadOnlyList<JournalHead> heads, IReadOnlyList<MeasureCatalogue> catalogues, CancellationToken ct)
    {
        var saved = new Dictionary<(int, string), Ledger>();
        var zones = heads.ToDictionary(head => head.Branch, head => zoneOf(head.Unit));
        var wanted = heads.Where(head => head.Head > 0 && zones[head.Branch] is not null)
            .SelectMany(head => catalogues, (head, catalogue) => (head.Branch, catalogue, Key: Snapshots.KeyOf(catalogue, zones[head.Branch]!))).ToList();
        var byKey = wanted.ToLookup(one => (one.Branch, one.Key), one => one.catalogue);
        foreach (var chunk in wanted.Chunk(SnapshotsAtOnce))
        {
            await snapshots.ForEachNewestAsync([.. chunk.Select(one => (one.Branch, one.Key))], found =>
                saved[(found.Branch, found.Catalogue)] = Snapshots.Load(byKey[(found.Branch, found.Catalogue)].First(), zones[found.Branch]!, found.State.Span), ct);
        }

        var lanes = new Dictionary<int, BranchLane>();
        foreach (var head in heads)
        {
            var ledgers = zones[head.Branch] is not { } zone ? [] : catalogues.Select(catalogue =>
                saved.TryGetValue((head.Branch, Snapshots.KeyOf(catalogue, zone)), out var ledger) ? ledger : new Ledger(catalogue, zone));
            lanes[head.Branch] = newLane(head, ledgers);
        }

        await using (var rows = await JournalCursor.OpenTailsAsync(db, lanes.Values.Select(lane => (lane.Branch, lane.RecoverFrom)), ct))
        {
            BranchLane? lane = null;
            while (await rows.MoveNextAsync(ct))
            {
                if (lane?.Branch != rows.Branch)
                    lane = lanes[rows.Branch];
                lane.Recover(FactOf.Row(rows));
            }
        }
        return lanes.Values;
    }
}
