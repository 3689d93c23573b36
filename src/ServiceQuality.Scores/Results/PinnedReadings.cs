using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Results;

/// <summary>Readings of journals at given positions. The live ledger answers when it stands there; otherwise the journal is folded again up to the position: the same bits.</summary>
internal sealed class PinnedReadings([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, IScoreTier tier, TimeProvider clock)
{
    private readonly Snapshots _snapshots = new(db, clock);

    /// <summary>The readings of a unit's own journal at its pinned position; null without a journal.</summary>
    public async Task<Readings?> ReadAsync(PinnedUnit unit, Period period, DateTimeOffset moment, MeasureCatalogue catalogue, CancellationToken ct)
    {
        if (unit is not { Branch: { } branch, Seq: > 0 })
            return null;
        var zone = Zones.Of(unit.TimeZone);
        var window = period.Window(moment, zone);
        var live = await tier.ReadAsync(unit.Unit, new BranchQuery([new WindowAt(period, moment)], Catalogue: catalogue.Hash), ct);
        if (live is { Readings: [{ } readings] } && live.Seq == unit.Seq && readings.Window == window)
            return readings;

        var snapshot = await _snapshots.FindAsync(branch, Snapshots.KeyOf(catalogue, zone), unit.Seq, ct);
        return await FoldAsync(snapshot is null ? new Ledger(catalogue, zone) : Snapshots.Load(catalogue, zone, snapshot.State.Span), branch, unit.Seq, window, ct);
    }

    /// <summary>The same from the first fact on, without anything that was ever saved: the proof.</summary>
    public async Task<Readings?> RefoldAsync(PinnedUnit unit, Period period, DateTimeOffset moment, MeasureCatalogue catalogue, CancellationToken ct)
    {
        if (unit is not { Branch: { } branch, Seq: > 0 })
            return null;
        var zone = Zones.Of(unit.TimeZone);
        return await FoldAsync(new Ledger(catalogue, zone), branch, unit.Seq, period.Window(moment, zone), ct);
    }

    private async Task<Readings> FoldAsync(Ledger ledger, int branch, long seq, PeriodWindow window, CancellationToken ct)
    {
        if (ledger.Seq < seq)
        {
            await using var rows = await JournalCursor.OpenAsync(db, branch, ledger.Seq, seq, received: null, ct);
            while (await rows.MoveNextAsync(ct))
                ledger.Fold(FactOf.Row(rows));
        }
        if (ledger.Seq != seq)
            throw new InvalidOperationException($"The journal {branch} ends at {ledger.Seq}, before {seq}.");
        return ledger.Read(window);
    }
}
