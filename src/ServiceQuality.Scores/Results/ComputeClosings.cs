using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>
/// Computes closed periods in the background and freezes what is due. A process that is killed in the middle leaves whole documents; the next one goes on with
/// those that are missing, from the same pinned positions, hence to the same bits. Of all processes one works on a closing at a time.
/// </summary>
internal sealed class ComputeClosings(
    [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, IScoreTier tier, SchemeBook schemes, PinnedReadings readings, OwnParts parts, TimeProvider clock, ILogger<ComputeClosings> logger) : BackgroundService
{
    private const int BatchSize = 50;
    private const string Author = "ServiceQuality";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Scores of a region need every branch back.
                await tier.UnitsAsync(stoppingToken);
                await ComputeAsync(stoppingToken);
                await FreezeAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Closings could not be worked on; trying again");
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ComputeAsync(CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        foreach (var closing in await ClosingRows.ComputingAsync(connection, ct))
        {
            // The lock lives as long as this connection: a killed process lets go of it.
            await using var locking = ClosingRows.Command(connection, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", $"compute:{closing.Id}");
            if (await locking.ExecuteScalarAsync(ct) is not true)
                continue;
            try
            {
                await ComputeAsync(connection, closing, ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                logger.LogWarning(e, "The results of {Period} could not be computed to the end; going on from where they stand", closing.Period);
                await using var other = await db.OpenConnectionAsync(ct);
                await ClosingRows.ExecuteAsync(other, "UPDATE closing SET attempts = attempts + 1, failure = $2 WHERE id = $1 AND state = 'computing'", ct, closing.Id, e.Message[..Math.Min(500, e.Message.Length)]);
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(60, closing.Attempts)), clock, ct);
            }
            finally
            {
                if (connection.State == System.Data.ConnectionState.Open)
                    await ClosingRows.ExecuteAsync(connection, "SELECT pg_advisory_unlock(hashtextextended($1, 0))", CancellationToken.None, $"compute:{closing.Id}");
            }
        }
    }

    private async Task ComputeAsync(NpgsqlConnection connection, Closing closing, CancellationToken ct)
    {
        var units = await ClosingRows.UnitsAsync(connection, closing.Id, "", ct);
        var read = new ConcurrentQueue<(PinnedUnit, Readings)>();
        var input = await InputAsync(connection, closing, units, schemes.Active, async (unit, catalogue) =>
        {
            var own = await readings.ReadAsync(unit, closing.Period, closing.Moment, catalogue, ct);
            if (own is not null)
                read.Enqueue((unit, own));
            return own;
        }, ct);
        var done = 0;
        await new ResultComputation(input, units).RunAsync(async documents =>
        {
            foreach (var batch in documents.Chunk(BatchSize))
            {
                await WriteAsync(connection, closing, batch, [.. Taken(read)], done += batch.Length, ct);
                ct.ThrowIfCancellationRequested();
            }
        });
        await ClosingRows.ExecuteAsync(connection, "UPDATE closing SET state = 'draft', units = $2, done = $2, computed = $3, failure = NULL WHERE id = $1 AND state = 'computing'", ct, closing.Id, done, clock.GetUtcNow());
        await SavedReadings.DropUnusedAsync(connection, clock.GetUtcNow() - ClosingRules.Kept, ct);
    }

    private static IEnumerable<T> Taken<T>(ConcurrentQueue<T> queue)
    {
        while (queue.TryDequeue(out var one))
            yield return one;
    }

    /// <summary>What a closing is computed from.</summary>
    /// <param name="connection">For the quarters of a year.</param>
    /// <param name="closing">The closing; its moment is that of the documents.</param>
    /// <param name="units">Its units.</param>
    /// <param name="catalogue">What the readings are of.</param>
    /// <param name="read">Reads a unit's own journal.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="named">Of which units' journals facts are named; null for all.</param>
    public async Task<ComputationInput> InputAsync(
        NpgsqlConnection connection, Closing closing, IReadOnlyList<PinnedUnit> units, MeasureCatalogue catalogue, Func<PinnedUnit, MeasureCatalogue, Task<Readings?>> read, CancellationToken ct,
        IReadOnlySet<Guid>? named = null)
    {
        var scheme = SchemeOf(closing);
        if (!catalogue.Covers(scheme))
            throw new InvalidOperationException($"The ledgers do not measure what {scheme.Reference} needs yet.");
        var facts = closing.IsAnnual ? null : closing.FactsPerLeaf;
        return new(closing.Period, closing.Moment, scheme, catalogue, async unit => await parts.OfAsync(unit, await read(unit, catalogue), scheme, named?.Contains(unit.Unit) == false ? null : facts, ct),
            await QuartersAsync(connection, closing, units, ct), facts);
    }

    /// <summary>The scheme of a closing.</summary>
    public Scheme SchemeOf(Closing closing)
    {
        var at = closing.Scheme.LastIndexOf('@');
        return schemes.Find(closing.Scheme[..at], int.Parse(closing.Scheme[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture))?.Scheme
            ?? throw new InvalidOperationException($"The scheme {closing.Scheme} is not known.");
    }

    /// <summary>The quarters of every unit, as they are published at present; null unless a year is closed.</summary>
    public static async Task<Func<Guid, IReadOnlyList<QuarterResult>>?> QuartersAsync(NpgsqlConnection connection, Closing closing, IReadOnlyList<PinnedUnit> units, CancellationToken ct)
    {
        if (!closing.IsAnnual)
            return null;
        string[] periods = [.. Enumerable.Range(1, 4).Select(quarter => $"{closing.Period}-Q{quarter}")];
        var published = await ResultRows.PublishedAsync(connection, [.. units.Select(unit => unit.Unit)], periods, ct);
        return unit => [.. periods.Select(period => published.TryGetValue((unit, period), out var row) ? new QuarterResult(period, row.Number, row.Official, row.Hash) : new QuarterResult(period, null, null, null))];
    }

    private async Task WriteAsync(NpgsqlConnection connection, Closing closing, (PinnedUnit Unit, ResultDocument Document)[] batch, (PinnedUnit, Readings)[] read, int done, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ResultRows.AddAsync(transaction, closing.Id, [.. batch.Select(one => (one.Unit.Parent, one.Document, ResultSeal.Seal(one.Document)))], Author, clock.GetUtcNow(), ct);
        await SavedReadings.AddAsync(transaction, closing.Id, closing.Moment, read, ct);
        if (await ClosingRows.ExecuteAsync(connection, "UPDATE closing SET done = greatest(done, $2) WHERE id = $1 AND state = 'computing'", ct, closing.Id, done) == 0)
            throw new InvalidOperationException("The closing was discarded meanwhile.");
        await transaction.CommitAsync(ct);
    }

    /// <summary>After the appeal window, once no appeal is open (SCO-24).</summary>
    private async Task FreezeAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var due = ClosingRows.Command(connection,
            "SELECT c.id FROM closing c WHERE c.state = 'published' AND c.appeals_until <= $1 AND NOT EXISTS (SELECT FROM appeal a WHERE a.closing = c.id AND a.state = 'filed') LIMIT 10", now);
        var ids = new List<Guid>();
        await using (var reader = await due.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
                ids.Add(reader.GetGuid(0));
        }
        foreach (var id in ids)
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            if (await ClosingRows.ExecuteAsync(connection, "UPDATE closing SET state = 'frozen', frozen = $2 WHERE id = $1 AND state = 'published'", ct, id, now) == 0)
                continue;
            await AuditTrail.AppendAsync(transaction, new AuditEntry(now, Author, "result.frozen", id.ToString()), ct);
            await transaction.CommitAsync(ct);
        }
    }
}
