using System.Threading.Channels;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli.Import;

/// <summary>Facts made from consecutive rows.</summary>
/// <param name="Number">Place in the order of the file, from 0.</param>
/// <param name="LastRow">Last row that is dealt with once this batch is.</param>
/// <param name="Share">Share of the file up to there, 0–1.</param>
/// <param name="Facts">What to send.</param>
/// <param name="Lines">Line of the file for each fact.</param>
/// <param name="Unreadable">Rows that the map could not read.</param>
internal sealed record ImportBatch(long Number, long LastRow, double Share, IReadOnlyList<CloudEvent> Facts, IReadOnlyList<long> Lines, IReadOnlyList<RefusedRow> Unreadable)
{
    public const string UnreadableCode = "unreadable-row";

    /// <summary>What became of the batch.</summary>
    public ImportCounts Count(TelemetryAnswer answer)
    {
        var refused = answer.Refused.Select(refusal => (refusal.Code, Row: new RefusedRow(Lines[refusal.Index], Facts[refusal.Index].Id, refusal.Field)))
            .Concat(Unreadable.Select(row => (Code: UnreadableCode, Row: row)))
            .ToList();
        return new ImportCounts
        {
            Accepted = answer.Accepted,
            Duplicate = answer.Duplicate,
            Refused = refused.Count,
            ByCode = refused.GroupBy(one => one.Code).ToDictionary(group => group.Key, group => new Refusals(group.Count(), [.. group.Take(Refusals.Shown).Select(one => one.Row)])),
        };
    }
}

/// <summary>Sends a file: reads in order, sends several batches at a time, and notes how far every row has been answered.</summary>
internal sealed class ImportRun(ImportMap map, string file, ImportState start, int batchSize)
{
    private readonly long done = start.Rows;
    private readonly int shiftDays = start.ShiftDays;
    private readonly SortedDictionary<long, (ImportBatch Batch, ImportCounts Counts)> answered = [];
    private readonly Lock gate = new();
    private long next;

    /// <summary>Where the import stands: everything up to <see cref="ImportState.Rows"/> is answered.</summary>
    public ImportState State { get; private set; } = start;

    /// <summary>Share of the file that is answered, 0–1.</summary>
    public double Share { get; private set; }

    /// <summary>Sends all that is left.</summary>
    /// <param name="send">Sends one batch and returns when every fact has its answer.</param>
    /// <param name="parallel">Batches on the way at the same time.</param>
    /// <param name="advanced">Called after every step forward, never twice at the same time.</param>
    /// <param name="ct">Stops the import; what is on the way is dropped.</param>
    public async Task SendAsync(Func<IReadOnlyList<CloudEvent>, CancellationToken, Task<TelemetryAnswer>> send, int parallel, Action<ImportState> advanced, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var queue = Channel.CreateBounded<ImportBatch>(parallel);
        var work = Enumerable.Range(0, parallel).Select(_ => SendQueueAsync()).Append(ReadAsync()).ToList();
        while (work.Count > 0)
        {
            var ended = await Task.WhenAny(work);
            work.Remove(ended);
            if (ended.IsCompletedSuccessfully)
                continue;

            // The first failure is the one to tell; the others only follow from it.
            await stop.CancelAsync();
            await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ended;
        }

        lock (gate)
        {
            State = State with { Finished = true };
            Share = 1;
            advanced(State);
        }

        async Task ReadAsync()
        {
            foreach (var batch in Batches())
                await queue.Writer.WriteAsync(batch, stop.Token);
            queue.Writer.Complete();
        }

        async Task SendQueueAsync()
        {
            await foreach (var batch in queue.Reader.ReadAllAsync(stop.Token))
            {
                var answer = batch.Facts.Count > 0 ? await send(batch.Facts, stop.Token) : new TelemetryAnswer(0, 0, []);
                Acknowledge(batch, batch.Count(answer), advanced);
            }
        }
    }

    /// <summary>The rest of the file as batches. Rows stay whole: a row's facts are never split between batches.</summary>
    public IEnumerable<ImportBatch> Batches()
    {
        using var source = new CsvSource(file, map.Form);
        var (facts, lines, unreadable) = (new List<CloudEvent>(), new List<long>(), new List<RefusedRow>());
        var number = 0L;
        while (source.Read())
        {
            if (source.Rows <= done)
                continue;
            var row = source.Row;
            foreach (var reported in map.Facts.Select(rule => rule.Report(row, shiftDays)).OfType<Reported>())
            {
                if (reported.Fact is null)
                {
                    unreadable.Add(new RefusedRow(source.Line, null, reported.Fault));
                    continue;
                }

                facts.Add(reported.Fact);
                lines.Add(source.Line);
            }

            if (facts.Count + map.Facts.Count > batchSize || unreadable.Count >= batchSize)
            {
                yield return new ImportBatch(number++, source.Rows, source.Share, facts, lines, unreadable);
                (facts, lines, unreadable) = ([], [], []);
            }
        }

        yield return new ImportBatch(number, source.Rows, 1, facts, lines, unreadable);
    }

    // Batches are answered in any order; the state only ever speaks of an unbroken run of rows from the first.
    private void Acknowledge(ImportBatch batch, ImportCounts counts, Action<ImportState> advanced)
    {
        lock (gate)
        {
            answered[batch.Number] = (batch, counts);
            var moved = false;
            while (answered.Remove(next, out var first))
            {
                State = State with { Rows = first.Batch.LastRow, Counts = State.Counts.With(first.Counts) };
                Share = first.Batch.Share;
                next++;
                moved = true;
            }

            if (moved)
                advanced(State);
        }
    }
}

/// <summary>How old data are moved to the present.</summary>
internal static class TimeShift
{
    /// <summary>
    /// The whole days by which all rows move so that the last day of the data becomes today; or yesterday, when otherwise a fact would lie
    /// ahead of <paramref name="now"/>. Whole days keep the time of day, not the day of the week.
    /// </summary>
    public static int Days(ImportMap map, string file, DateTimeOffset now)
    {
        using var source = new CsvSource(file, map.Form);
        var latest = new DateTime?[map.Facts.Count];
        while (source.Read())
        {
            var row = source.Row;
            for (var rule = 0; rule < latest.Length; rule++)
            {
                if (map.Facts[rule].When.Holds(row) && map.Facts[rule].Time.Local(row, out _) is { } local && !(local <= latest[rule]))
                    latest[rule] = local;
            }
        }

        var shifts = map.Facts.Zip(latest).Where(pair => pair.Second is not null).Select(pair => Days(pair.First.Time, pair.Second!.Value, now)).ToList();
        return shifts.Count > 0 ? shifts.Min() : 0;
    }

    private static int Days(TimeRule time, DateTime last, DateTimeOffset now)
    {
        var days = (TimeZoneInfo.ConvertTime(now, time.Zone).Date - last.Date).Days;
        return time.Moment(last, days) > now ? days - 1 : days;
    }
}
