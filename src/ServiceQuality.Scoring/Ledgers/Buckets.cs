namespace ServiceQuality.Scoring;

/// <summary>
/// The hours and days of a ledger (scoring.md §2): hours are kept 35 days, days 400 days before the watermark. What was added lately lies open, by hour, most recently
/// used first; its cells are whole numbers, so adding them to the slices later changes nothing.
/// </summary>
internal sealed class Buckets(MeasureCatalogue catalogue, TimeGrid grid)
{
    private const int HoursKept = 35 * 24;
    private const int DaysKept = 400;
    private const int MostOpen = 2;

    private readonly SliceList hours = new();
    private readonly SliceList days = new();
    private readonly List<OpenHour> open = new(MostOpen);
    private readonly Stack<CellTable> spare = new();

    private long currentFrom;
    private long currentTo;
    private CellTable? current;

    private int watermarkHour = int.MinValue;
    private int lastHourGone = int.MinValue;
    private int lastDayGone = int.MinValue;
    private int cachedDay;
    private long cachedDayFrom;
    private long cachedDayTo;

    /// <summary>The open table of the hour (or, when only days are kept that far back, the day) of an instant; null when it is too old.</summary>
    public CellTable? At(long time) => time >= currentFrom && time < currentTo ? current : Open(time);

    /// <summary>Forgets what is too old for the watermark. Hours only matter: nothing expires within one.</summary>
    /// <returns>First instant of the days that are still kept when a day has gone, else null.</returns>
    public long? Expire(long watermark)
    {
        var hour = grid.Hour(watermark);
        if (hour == watermarkHour)
            return null;
        watermarkHour = hour;
        lastHourGone = hour - HoursKept;
        hours.RemoveUpTo(lastHourGone);
        CloseCurrent();
        var dayGone = DayOf(watermark) - DaysKept;
        if (dayGone == lastDayGone)
            return null;
        lastDayGone = dayGone;
        days.RemoveUpTo(dayGone);
        return grid.DayStart(dayGone + 1);
    }

    /// <summary>Whether all that a plan takes is kept.</summary>
    public bool Keeps(ReadPlan plan) =>
        (plan.DayFrom >= plan.DayTo || plan.DayFrom > lastDayGone)
        && (plan.HeadFrom >= plan.HeadTo || plan.HeadFrom > lastHourGone)
        && (plan.TailFrom >= plan.TailTo || plan.TailFrom > lastHourGone);

    /// <summary>Adds what a plan takes to <paramref name="cells"/>.</summary>
    public void Read(ReadPlan plan, CellTable cells, StepMeter? steps)
    {
        for (var i = days.From(plan.DayFrom); i < days.Count && days.Key(i) < plan.DayTo; i++)
        {
            Add(cells, days[i]);
            steps?.Take(days.Key(i));
        }
        ReadHours(plan.HeadFrom, plan.HeadTo, cells, steps);
        ReadHours(plan.TailFrom, plan.TailTo, cells, steps);
        foreach (var (hour, day, table) in open)
        {
            if (!plan.Takes(hour, day))
                continue;
            cells.Add(table);
            steps?.Take(day);
        }
    }

    /// <summary>The whole days before a moment, newest first, as far back as a family of the catalogue holds values.</summary>
    public CellTable[] ReadBefore(long from)
    {
        var before = new CellTable[catalogue.HoldDays];
        for (var back = 0; back < before.Length; back++)
        {
            var day = grid.Day(from) - 1 - back;
            var cells = before[back] = new(catalogue.Series);
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

    /// <summary>Lays everything that is open into the slices.</summary>
    public void Close()
    {
        CloseCurrent();
        while (open.Count > 0)
            Flush(open.Count - 1);
        spare.Clear();
    }

    /// <summary>Writes the slices; what lies open is not among them.</summary>
    public void Save(PackedWriter writer)
    {
        hours.Save(writer);
        days.Save(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(ref PackedReader reader)
    {
        hours.Load(ref reader);
        days.Load(ref reader);
    }

    private void CloseCurrent() => (current, currentFrom, currentTo) = (null, 0, 0);

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
            found = new(key, day, spare.TryPop(out var table) ? table : new(catalogue.Series));
        }
        open.Insert(0, found);
        (current, currentFrom, currentTo) = key is null ? (null, 0L, 0L) : (found.Table, grid.HourStart(hour), grid.HourStart(hour + 1));
        return found.Table;
    }

    private void Flush(int i)
    {
        var (hour, day, table) = open[i];
        open.RemoveAt(i);
        if (!table.IsEmpty)
        {
            var writer = PackedWriter.OfThread;
            var scratch = new CellTable(catalogue.Series);
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

    private void ReadHours(int from, int to, CellTable cells, StepMeter? steps)
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

    private sealed record OpenHour(int? Hour, int Day, CellTable Table);
}
