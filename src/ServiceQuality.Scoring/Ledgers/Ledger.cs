using System.Buffers;
using System.Security.Cryptography;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>
/// The live state of one unit: its journal folded into buckets (scoring.md §2). It is a function of the journal prefix, the catalogue and the time zone and of nothing else:
/// replaying gives the same bits, and so does loading a snapshot and folding the rest. Not safe for concurrent use: one owner at a time, reading included.
/// <para>
/// A fact whose time is ahead of the watermark <see cref="Received"/> (a branch's clock may run up to five minutes ahead) is laid aside until the watermark passes it,
/// and counts in readings whose moment has.
/// </para>
/// </summary>
public sealed class Ledger
{
    private const int HoursKept = 35 * 24;
    private const int DaysKept = 400;
    private const int MostOpen = 2;
    private static readonly byte[] Format = "SQL3"u8.ToArray();

    [ThreadStatic]
    private static PackedWriter? writers;

    private readonly TimeGrid grid;
    private readonly SliceList hours = new();
    private readonly SliceList days = new();
    private readonly FaultLog faults = new();
    private readonly AdjustmentLog adjustments = new();
    private readonly List<Fact> ahead = [];

    // What was folded since the last flush, by hour, most recently used first. Its cells are whole numbers, so adding them to the slices later changes nothing.
    private readonly List<OpenHour> open = new(MostOpen);
    private readonly Stack<CellTable> spare = new();
    private long currentFrom;
    private long currentTo;
    private CellTable? current;
    private LatestLog? latest;

    private long watermark = long.MinValue;
    private int watermarkHour = int.MinValue;
    private int lastHourGone = int.MinValue;
    private int lastDayGone = int.MinValue;
    private long newest = long.MinValue;
    private int cachedDay;
    private long cachedDayFrom;
    private long cachedDayTo;

    /// <summary>An empty ledger.</summary>
    /// <param name="catalogue">What it measures.</param>
    /// <param name="zone">The unit's time zone. Another zone means folding the journal again.</param>
    public Ledger(MeasureCatalogue catalogue, TimeZoneInfo zone)
    {
        (Catalogue, Zone) = (catalogue, zone);
        grid = TimeGrid.Of(zone);
    }

    /// <summary>What it measures.</summary>
    public MeasureCatalogue Catalogue { get; }

    /// <summary>Whose days its day buckets are.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>Journal position: the last fact folded; 0 for an empty ledger.</summary>
    public long Seq { get; private set; }

    /// <summary>The watermark: newest <c>received</c> folded; null for an empty ledger.</summary>
    public DateTimeOffset? Received => Seq == 0 ? null : new(watermark, TimeSpan.Zero);

    /// <summary>Newest event time folded; null for an empty ledger.</summary>
    public DateTimeOffset? Newest => Seq == 0 ? null : new(newest, TimeSpan.Zero);

    /// <summary>Facts of days that were no longer kept (400 days) when their turn came; they changed nothing else.</summary>
    public long Late { get; private set; }

    /// <summary>Adds the next fact of the journal.</summary>
    /// <exception cref="JournalGapException">The fact's seq is not <see cref="Seq"/> + 1; nothing changed.</exception>
    public void Fold(in Fact fact)
    {
        if (fact.Seq != Seq + 1)
            throw new JournalGapException(Seq + 1, fact.Seq);
        Seq = fact.Seq;
        var received = fact.Received.UtcTicks;
        if (received > watermark)
            Advance(received);
        var time = fact.Time.UtcTicks;
        if (time > newest)
            newest = time;
        if (time <= watermark)
            Settle(fact, time);
        else if (FactReader.Knows(fact.Data))
            LayAside(fact, time);
    }

    /// <summary>
    /// Whether <see cref="Read"/> can answer exactly: hours are kept 35 days, days 400 days, and a moment before <see cref="Received"/> must be an hour boundary.
    /// </summary>
    public bool CanRead(PeriodWindow window) => Plan(window) is not null;

    /// <summary>
    /// The statistics of every measure over a window. For the live score take as moment the later of the clock and <see cref="Received"/>
    /// (another machine's clock may be ahead); a moment before it is a retrospective reading with today's knowledge, for trend charts.
    /// </summary>
    /// <exception cref="ArgumentException"><see cref="CanRead"/> is false.</exception>
    public Readings Read(PeriodWindow window)
    {
        var asOf = window.AsOf.UtcTicks;
        if (ahead.Count > 0 && ahead[0].Time.UtcTicks <= asOf)
        {
            // Some of what was laid aside has come to pass by then: read a copy that has gone on to that moment.
            var copy = Copy();
            copy.Advance(asOf);
            return copy.Read(window);
        }
        var plan = Plan(window) ?? throw new ArgumentException($"The window {window.From:O} to {window.To:O} as of {window.AsOf:O} cannot be read from the buckets that are kept.", nameof(window));

        var cells = new CellTable(Catalogue.Series);
        var steps = Catalogue.SteppedSeries.Length == 0 ? null : new StepMeter(Catalogue, cells);
        for (var i = days.From(plan.DayFrom); i < days.Count && days.Key(i) < plan.DayTo; i++)
        {
            Add(cells, days[i]);
            steps?.Take(days.Key(i));
        }
        AddHours(cells, steps, plan.HeadFrom, plan.HeadTo);
        AddHours(cells, steps, plan.TailFrom, plan.TailTo);
        foreach (var hour in open)
        {
            if (!plan.Holds(hour))
                continue;
            cells.Add(hour.Table);
            steps?.Take(hour.Day);
        }

        var (from, to) = (window.From.UtcTicks, window.To.UtcTicks);
        return new(Catalogue, window, cells, ReadFaults(from, to, plan.Closed), [.. adjustments.Totals(from, to, asOf, plan.Closed, live: asOf >= watermark)], ReadBefore(from))
        {
            Steps = steps?.Table,
            Latest = ReadLatest(to, plan.Closed),
        };
    }

    /// <summary>Writes the state in its canonical form: equal states give equal bytes.</summary>
    public void Save(IBufferWriter<byte> writer) => writer.Write(Write().Written);

    /// <summary>Reads a saved state.</summary>
    /// <exception cref="InvalidDataException">It is damaged, of another format, catalogue or time zone: fold the journal instead.</exception>
    public static Ledger Load(MeasureCatalogue catalogue, TimeZoneInfo zone, ReadOnlySpan<byte> saved)
    {
        if (saved.Length < SHA256.HashSizeInBytes || !SHA256.HashData(saved[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(saved[^SHA256.HashSizeInBytes..]))
            throw new InvalidDataException("The saved ledger is damaged.");
        var reader = new PackedReader(saved[..^SHA256.HashSizeInBytes]);
        if (!reader.Bytes(Format.Length).SequenceEqual(Format) || reader.Text() != catalogue.Hash || reader.Text() != zone.Id)
            throw new InvalidDataException("The saved ledger is of another format, catalogue or time zone.");
        var ledger = new Ledger(catalogue, zone)
        {
            Seq = reader.Long(),
            watermark = reader.Long(),
            newest = reader.Long(),
            Late = reader.Long(),
        };
        ledger.hours.Load(ref reader);
        ledger.days.Load(ref reader);
        ledger.faults.Load(ref reader);
        ledger.adjustments.Load(ref reader);
        ledger.latest = LatestLog.Load(ref reader);
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            ledger.ahead.Add(new(reader.Long(), reader.Text(), reader.Text(), At(reader.Long()), At(reader.Long()),
                FactReader.Read(reader.Text(), reader.Bytes((int)reader.Unsigned()))));
        }
        if (ledger.Seq > 0)
            ledger.SetLimits();
        return ledger;
    }

    /// <summary>SHA-256 of the canonical state, hexadecimal.</summary>
    public string Hash() => Convert.ToHexStringLower(Write().Written[^SHA256.HashSizeInBytes..]);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    private PackedWriter Write()
    {
        FlushAll();
        var writer = writers ??= new();
        writer.Clear();
        writer.Bytes(Format);
        writer.Text(Catalogue.Hash);
        writer.Text(Zone.Id);
        writer.Long(Seq);
        writer.Long(watermark);
        writer.Long(newest);
        writer.Long(Late);
        hours.Save(writer);
        days.Save(writer);
        faults.Save(writer);
        adjustments.Save(writer);
        LatestLog.Save(latest, writer);
        writer.Unsigned((ulong)ahead.Count);
        foreach (var fact in ahead)
        {
            writer.Long(fact.Seq);
            writer.Text(fact.Source);
            writer.Text(fact.Id);
            writer.Long(fact.Time.UtcTicks);
            writer.Long(fact.Received.UtcTicks);
            writer.Text(FactReader.TypeOf(fact.Data));
            var json = FactReader.Write(fact.Data);
            writer.Unsigned((ulong)json.Length);
            writer.Bytes(json);
        }
        writer.Bytes(SHA256.HashData(writer.Written));
        return writer;
    }

    private Ledger Copy() => Load(Catalogue, Zone, Write().Written);

    private void Advance(long received)
    {
        if (received <= watermark)
            return;
        watermark = received;
        SetLimits();
        var due = 0;
        while (due < ahead.Count && ahead[due].Time.UtcTicks <= watermark)
            due++;
        for (var i = 0; i < due; i++)
            Settle(ahead[i], ahead[i].Time.UtcTicks);
        ahead.RemoveRange(0, due);
    }

    /// <summary>Forgets what is too old for the watermark. Hours only matter: nothing expires within one.</summary>
    private void SetLimits()
    {
        var hour = grid.Hour(watermark);
        if (hour == watermarkHour)
            return;
        watermarkHour = hour;
        lastHourGone = hour - HoursKept;
        hours.RemoveUpTo(lastHourGone);
        (current, currentFrom, currentTo) = (null, 0, 0);
        var dayGone = DayOf(watermark) - DaysKept;
        if (dayGone == lastDayGone)
            return;
        lastDayGone = dayGone;
        days.RemoveUpTo(dayGone);
        var kept = grid.DayStart(dayGone + 1);
        faults.Expire(kept);
        adjustments.Expire(kept);
        latest?.Expire(kept);
    }

    private void LayAside(in Fact fact, long time)
    {
        var at = ahead.Count;
        while (at > 0 && ahead[at - 1].Time.UtcTicks > time)
            at--;
        ahead.Insert(at, fact);
    }

    private void Settle(in Fact fact, long time)
    {
        var table = time >= currentFrom && time < currentTo ? current : Open(time);
        if (table is null)
        {
            Late++;
            return;
        }
        switch (fact.Data)
        {
            case FaultOpened opened:
                faults.Add(opened.Asset, opened.Fault, time, restored: false);
                break;
            case FaultRestored restored:
                faults.Add(restored.Asset, restored.Fault, time, restored: true);
                break;
            case Deduction or Bonus or AdjustmentWithdrawn:
                adjustments.Add(fact);
                break;
            default:
                if (LatestLog.KeyOf(fact.Data) is { } state)
                    (latest ??= new()).Add(state, fact);
                Catalogue.Router.Add(table, fact);
                break;
        }
    }

    /// <summary>The open table of the hour (or, when only days are kept that far back, the day) of an instant; null when it is too old.</summary>
    private CellTable? Open(long time)
    {
        var day = DayOf(time);
        if (day <= lastDayGone)
            return null;
        var hour = grid.Hour(time);
        int? key = hour <= lastHourGone ? null : hour;
        var at = open.FindIndex(o => o.Hour == key && o.Day == day);
        OpenHour found;
        if (at >= 0)
        {
            found = open[at];
            open.RemoveAt(at);
        }
        else
        {
            if (open.Count == MostOpen)
                Flush(MostOpen - 1);
            found = new(key, day, spare.TryPop(out var table) ? table : new(Catalogue.Series));
        }
        open.Insert(0, found);
        (current, currentFrom, currentTo) = key is null ? (null, 0L, 0L) : (found.Table, grid.HourStart(hour), grid.HourStart(hour + 1));
        return found.Table;
    }

    private void FlushAll()
    {
        (current, currentFrom, currentTo) = (null, 0, 0);
        while (open.Count > 0)
            Flush(open.Count - 1);
        spare.Clear();
    }

    private void Flush(int i)
    {
        var (hour, day, table) = open[i];
        open.RemoveAt(i);
        if (!table.IsEmpty)
        {
            var writer = writers ??= new();
            var scratch = new CellTable(Catalogue.Series);
            if (hour is { } key && key > lastHourGone)
                hours.Merge(key, table, scratch, writer);
            if (day > lastDayGone)
                days.Merge(day, table, scratch, writer);
            table.Clear();
        }
        spare.Push(table);
    }

    private int DayOf(long time)
    {
        if (time < cachedDayFrom || time >= cachedDayTo)
        {
            cachedDay = grid.Day(time);
            (cachedDayFrom, cachedDayTo) = (grid.DayStart(cachedDay), grid.DayStart(cachedDay + 1));
        }
        return cachedDay;
    }

    private ReadPlan? Plan(PeriodWindow window)
    {
        var (from, to, asOf) = (window.From.UtcTicks, window.To.UtcTicks, window.AsOf.UtcTicks);
        var closed = to == asOf && asOf >= watermark;
        if (from > to || grid.HourStart(grid.Hour(from)) != from)
            return null;
        var firstDay = grid.Day(from);
        if (grid.DayStart(firstDay) != from)
            firstDay++;
        // All that is folded lies at or before the watermark: a window that reaches beyond it takes everything from its beginning on.
        var endless = closed || to > watermark;
        if (!endless && grid.HourStart(grid.Hour(to)) != to)
            return null;
        var (head, firstDayHour) = (grid.Hour(from), grid.Hour(grid.DayStart(firstDay)));
        ReadPlan plan;
        if (endless)
        {
            plan = new(firstDay, int.MaxValue, head, firstDayHour, 0, 0, closed);
        }
        else
        {
            var lastDay = grid.Day(to);
            plan = lastDay < firstDay
                ? new(0, 0, head, grid.Hour(to), 0, 0, closed)
                : new(firstDay, lastDay, head, firstDayHour, grid.Hour(grid.DayStart(lastDay)), grid.Hour(to), closed);
        }
        var kept = (plan.DayFrom >= plan.DayTo || plan.DayFrom > lastDayGone)
            && (plan.HeadFrom >= plan.HeadTo || plan.HeadFrom > lastHourGone)
            && (plan.TailFrom >= plan.TailTo || plan.TailFrom > lastHourGone);
        return kept ? plan : null;
    }

    private void AddHours(CellTable cells, StepMeter? steps, int from, int to)
    {
        for (var i = hours.From(from); i < hours.Count && hours.Key(i) < to; i++)
        {
            Add(cells, hours[i]);
            steps?.Take(grid.Day(grid.HourStart(hours.Key(i))));
        }
    }

    private static void Add(CellTable cells, ReadOnlySpan<byte> slice)
    {
        var reader = new PackedReader(slice);
        cells.Add(ref reader);
    }

    private FaultTotals[] ReadFaults(long from, long to, bool closed)
    {
        var totals = new FaultTotals[Catalogue.Series.Length];
        var watched = faults.WatchedSince is { } since && (since < to || (closed && since == to));
        foreach (var i in Catalogue.FaultSeries)
        {
            if (!watched)
                continue;
            totals[i].Watched = to - from;
            foreach (var (asset, outage) in faults.Outages())
            {
                if (Catalogue.Series[i].Where.Assets is not { } assets || assets.Contains(asset))
                    totals[i].Add(outage, from, to, closed);
            }
        }
        return totals;
    }

    private LatestTotals[] ReadLatest(long to, bool closed)
    {
        var totals = new LatestTotals[Catalogue.LatestSeries.Length];
        foreach (var state in totals.Length == 0 || latest is null ? [] : latest.At(to, closed))
        {
            for (var i = 0; i < totals.Length; i++)
                totals[i].Add(Catalogue.Series[Catalogue.LatestSeries[i]], state);
        }
        return totals;
    }

    /// <summary>The whole days before the window, newest first, as far back as a family of the catalogue holds values.</summary>
    private CellTable[] ReadBefore(long from)
    {
        var before = new CellTable[Catalogue.HoldDays];
        for (var back = 0; back < before.Length; back++)
        {
            var day = grid.Day(from) - 1 - back;
            var cells = before[back] = new(Catalogue.Series);
            var at = days.From(day);
            if (at < days.Count && days.Key(at) == day)
                Add(cells, days[at]);
            foreach (var hour in open)
            {
                if (hour.Day == day)
                    cells.Add(hour.Table);
            }
        }
        return before;
    }

    private sealed record OpenHour(int? Hour, int Day, CellTable Table);

    /// <summary>Which slices make up a window: whole days, and the hours before and after them.</summary>
    private sealed record ReadPlan(int DayFrom, int DayTo, int HeadFrom, int HeadTo, int TailFrom, int TailTo, bool Closed)
    {
        public bool Holds(OpenHour open) =>
            (open.Day >= DayFrom && open.Day < DayTo)
            || (open.Hour is { } hour && ((hour >= HeadFrom && hour < HeadTo) || (hour >= TailFrom && hour < TailTo)));
    }
}

/// <summary>A fact was handed to a ledger out of turn.</summary>
/// <param name="expected">The seq that was due.</param>
/// <param name="found">The seq that came.</param>
public sealed class JournalGapException(long expected, long found) : Exception($"Journal position {expected} was due, but {found} came.")
{
    /// <summary>The seq that was due.</summary>
    public long Expected { get; } = expected;

    /// <summary>The seq that came.</summary>
    public long Found { get; } = found;
}
