using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>Into which calendar parts a window is taken apart.</summary>
internal enum Step
{
    /// <summary>None.</summary>
    None,

    /// <summary>Calendar months of the unit's time zone.</summary>
    Month,

    /// <summary>Weeks of each month: Monday to Sunday, cut at the ends of the month.</summary>
    Week,
}

/// <summary>Numbers of months and weeks: of a month eight times its number counted from the year 0, of its weeks the seven that follow.</summary>
internal static class Steps
{
    public static int Of(int day, Step step)
    {
        var date = DateOnly.FromDayNumber(day);
        var month = 8 * ((12 * date.Year) + date.Month - 1);
        if (step == Step.Month)
            return month;
        var firstWeekday = ((int)new DateOnly(date.Year, date.Month, 1).DayOfWeek + 6) % 7;
        return month + 1 + ((date.Day - 1 + firstWeekday) / 7);
    }

    public static int MonthOf(int step) => step / 8 * 8;
}

/// <summary>A bucket of one series and one step of the window.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct StepCell
{
    public long N;
    public long K;
    public Int128 Sum;
    public Int128 Squares;

    /// <summary>Σ mass² / n over the units, in an equal roll-up; else 0.</summary>
    public Int128 Spread;

    /// <summary>The sample that intervals use.</summary>
    public readonly double Effective => Spread == 0 ? N : (double)N * N / (double)Spread;
}

/// <summary>The steps of a window, by series and step ascending. Whole numbers, so that merging is exact.</summary>
internal sealed class StepTable
{
    private readonly SortedDictionary<(int Series, int Step), StepCell> cells = [];

    public void Add(int series, int step, in StepCell cell)
    {
        cells.TryGetValue((series, step), out var sum);
        sum.N += cell.N;
        sum.K += cell.K;
        sum.Sum += cell.Sum;
        sum.Squares += cell.Squares;
        sum.Spread += cell.Spread;
        cells[(series, step)] = sum;
    }

    public void Add(StepTable other)
    {
        foreach (var ((series, step), cell) in other.cells)
            Add(series, step, cell);
    }

    /// <summary>The steps of a series that have facts, ascending.</summary>
    public IEnumerable<(int Step, StepCell Cell)> Of(int series) =>
        cells.Where(pair => pair.Key.Series == series).Select(pair => (pair.Key.Step, pair.Value));

    public long Count(int series, int step) => cells.TryGetValue((series, step), out var cell) ? cell.N : 0;

    /// <summary>Every bucket scaled to the same mass.</summary>
    public StepTable Scaled(long mass)
    {
        var scaled = new StepTable();
        foreach (var ((series, step), cell) in cells)
        {
            scaled.Add(series, step, new()
            {
                N = mass,
                K = (long)Number.Scale(cell.K, mass, cell.N),
                Sum = Number.Scale(cell.Sum, mass, cell.N),
                Squares = Number.Scale(cell.Squares, mass, cell.N),
                Spread = Int128.Max(1, (Int128)mass * mass / cell.N),
            });
        }
        return scaled;
    }

    public void Pack(PackedWriter writer)
    {
        writer.Unsigned((ulong)cells.Count);
        foreach (var ((series, step), cell) in cells)
        {
            writer.Unsigned((ulong)series);
            writer.Unsigned((ulong)step);
            writer.Long(cell.N);
            writer.Long(cell.K);
            writer.Wide(cell.Sum);
            writer.Wide(cell.Squares);
            writer.Wide(cell.Spread);
        }
    }

    public static StepTable Load(ref PackedReader reader)
    {
        var table = new StepTable();
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var (series, step) = ((int)reader.Unsigned(), (int)reader.Unsigned());
            table.cells[(series, step)] = new() { N = reader.Long(), K = reader.Long(), Sum = reader.Wide(), Squares = reader.Wide(), Spread = reader.Wide() };
        }
        return table;
    }
}

/// <summary>Takes the sums of a window apart while they are gathered: what was added since the last day belongs to the day at hand.</summary>
internal sealed class StepMeter(MeasureCatalogue catalogue, CellTable cells)
{
    private readonly Cell[] before = new Cell[catalogue.SteppedSeries.Length];

    public StepTable Table { get; } = new();

    public void Take(int day)
    {
        for (var i = 0; i < before.Length; i++)
        {
            var series = catalogue.SteppedSeries[i];
            ref readonly var now = ref cells.Cells[series];
            ref var then = ref before[i];
            if (now.N == then.N)
                continue;
            Table.Add(series, Steps.Of(day, catalogue.Series[series].Step), new() { N = now.N - then.N, K = now.K - then.K, Sum = now.Sum - then.Sum, Squares = now.Squares - then.Squares });
            then = now;
        }
    }
}
