using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>A bucket. What the fields hold depends on the <see cref="Shape"/>: of Last, K is the time, Sum the seq and Squares the value.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Cell
{
    public long N;

    /// <summary>Hits of a tally, in millionths.</summary>
    public long K;

    public Int128 Sum;

    public Int128 Squares;
}

/// <summary>One bucket of every series: unpacked, for adding.</summary>
internal sealed class CellTable(Series[] series)
{
    public Cell[] Cells { get; } = new Cell[series.Length];

    public Sketch?[] Sketches { get; } = new Sketch?[series.Length];

    public bool IsEmpty => Array.TrueForAll(Cells, static c => c.N == 0);

    public Sketch SketchOf(int i) => Sketches[i] ??= new Sketch();

    public void Clear()
    {
        Array.Clear(Cells);
        foreach (var sketch in Sketches)
            sketch?.Clear();
    }

    public void Add(CellTable other)
    {
        for (var i = 0; i < Cells.Length; i++)
        {
            ref readonly var from = ref other.Cells[i];
            if (from.N == 0)
                continue;
            ref var to = ref Cells[i];
            switch (series[i].Shape)
            {
                case Shape.Last:
                    Newest(ref to, from.N, from.K, from.Sum, from.Squares);
                    break;
                case Shape.Sketch:
                    to.N += from.N;
                    var (sketch, source) = (SketchOf(i), other.Sketches[i]!);
                    for (var bin = 0; bin < source.Length; bin++)
                    {
                        if (source[bin] != 0)
                            sketch.Add(source.Low + bin, source[bin]);
                    }
                    break;
                default:
                    to.N += from.N;
                    to.K += from.K;
                    to.Sum += from.Sum;
                    to.Squares += from.Squares;
                    break;
            }
        }
    }

    public static void Newest(ref Cell cell, long n, long time, Int128 seq, Int128 value)
    {
        if (cell.N == 0 || (time, seq, value).CompareTo((cell.K, cell.Sum, cell.Squares)) > 0)
            (cell.K, cell.Sum, cell.Squares) = (time, seq, value);
        cell.N += n;
    }

    /// <summary>
    /// Adds a packed slice. Its form: count of series, then for each its number (as a difference) and its bucket; whole numbers of little length;
    /// sums in units where all are whole, else in millionths.
    /// </summary>
    public void Add(ref PackedReader reader)
    {
        var i = -1;
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            i += (int)reader.Unsigned() + 1;
            if (i >= Cells.Length)
                throw new InvalidDataException("A slice names a series that the catalogue lacks.");
            ref var cell = ref Cells[i];
            switch (series[i].Shape)
            {
                case Shape.Tally:
                    cell.N += reader.Long();
                    cell.K += (long)reader.Scaled(Number.One);
                    break;
                case Shape.Moments:
                    cell.N += reader.Long();
                    cell.Sum += reader.Scaled(Number.One);
                    cell.Squares += reader.Scaled((Int128)Number.One * Number.One);
                    break;
                case Shape.Last:
                    Newest(ref cell, reader.Long(), reader.Long(), reader.Long(), reader.Scaled(Number.One));
                    break;
                default:
                    cell.N += ReadSketch(ref reader, SketchOf(i));
                    break;
            }
        }
    }

    public void Pack(PackedWriter writer)
    {
        var used = 0;
        foreach (ref readonly var cell in Cells.AsSpan())
            used += cell.N != 0 ? 1 : 0;
        writer.Unsigned((ulong)used);
        var last = -1;
        for (var i = 0; i < Cells.Length; i++)
        {
            ref readonly var cell = ref Cells[i];
            if (cell.N == 0)
                continue;
            writer.Unsigned((ulong)(i - last - 1));
            last = i;
            switch (series[i].Shape)
            {
                case Shape.Tally:
                    writer.Long(cell.N);
                    writer.Scaled(cell.K, Number.One);
                    break;
                case Shape.Moments:
                    writer.Long(cell.N);
                    writer.Scaled(cell.Sum, Number.One);
                    writer.Scaled(cell.Squares, (Int128)Number.One * Number.One);
                    break;
                case Shape.Last:
                    writer.Long(cell.N);
                    writer.Long(cell.K);
                    writer.Long((long)cell.Sum);
                    writer.Scaled(cell.Squares, Number.One);
                    break;
                default:
                    WriteSketch(writer, Sketches[i]!);
                    break;
            }
        }
    }

    /// <summary>Usual bins take one byte: distance to the bin before in the high half, count in the low half; a low half of 0 announces both in full.</summary>
    private static void WriteSketch(PackedWriter writer, Sketch sketch)
    {
        var used = 0;
        for (var i = 0; i < sketch.Length; i++)
            used += sketch[i] != 0 ? 1 : 0;
        writer.Unsigned((ulong)used);
        var last = 0;
        for (var i = 0; i < sketch.Length; i++)
        {
            var (bin, count) = (sketch.Low + i, sketch[i]);
            if (count == 0)
                continue;
            var step = bin - last;
            if (step is >= 1 and <= 16 && count is >= 1 and <= 15)
            {
                writer.Byte((byte)((step - 1) << 4 | (int)count));
            }
            else
            {
                writer.Byte(0);
                writer.Long(step);
                writer.Long(count);
            }
            last = bin;
        }
    }

    private static long ReadSketch(ref PackedReader reader, Sketch sketch)
    {
        long n = 0;
        var bin = 0;
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var head = reader.Byte();
            long count = head & 15;
            if (count != 0)
            {
                bin += (head >> 4) + 1;
            }
            else
            {
                bin += (int)reader.Long();
                count = reader.Long();
            }
            sketch.Add(bin, count);
            n += count;
        }
        return n;
    }
}
