namespace ServiceQuality.Scoring;

/// <summary>
/// Logarithmic bins for percentiles (the idea of DDSketch): bin i > 0 holds the values in (γ^(i−2), γ^(i−1)] millionths, its representative is off by at most
/// (γ − 1)/(γ + 1), with γ = 1.02 that is 0.99 %. Bin 0 holds zero, negative bins mirror the positive ones. Bounds come from repeated
/// multiplication and a search, never from a logarithm, so every machine puts a value into the same bin.
/// </summary>
internal static class Bins
{
    public const double Gamma = 1.02;
    private const int FirstExponent = 1023;
    private const int Steps = 64;
    private static readonly double[] Bounds = MakeBounds();
    private static readonly short[] Starts = MakeStarts();

    /// <summary>The bin of a number of millionths.</summary>
    public static int Of(long millionths)
    {
        if (millionths == 0)
            return 0;
        double size = Math.Abs(millionths);
        var bits = BitConverter.DoubleToInt64Bits(size);
        int bin = Starts[(int)(bits >> 46) - (FirstExponent * Steps)];
        while (size > Bounds[bin])
            bin++;
        return millionths > 0 ? bin + 1 : -(bin + 1);
    }

    /// <summary>The value that stands for a bin.</summary>
    public static double Value(int bin) => bin switch
    {
        0 => 0,
        > 0 => Middle(bin - 1),
        _ => -Middle(-bin - 1),
    };

    private static double Middle(int bound) => bound == 0 ? 1.0 / Number.One : 2 * Bounds[bound] / (Gamma + 1) / Number.One;

    private static double[] MakeBounds()
    {
        var bounds = new List<double> { 1 };
        while (bounds[^1] < 1e15)
            bounds.Add(bounds[^1] * Gamma);
        return [.. bounds];
    }

    private static short[] MakeStarts()
    {
        var starts = new short[51 * Steps];
        var bin = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            var least = BitConverter.Int64BitsToDouble((long)(i + (FirstExponent * Steps)) << 46);
            while (bin < Bounds.Length - 1 && least > Bounds[bin])
                bin++;
            starts[i] = (short)bin;
        }
        return starts;
    }
}

/// <summary>Counts by bin, over a stretch of bins that grows as needed. Counts take four bytes until one of them no longer fits.</summary>
internal sealed class Sketch
{
    private int[] counts = [];
    private long[]? wide;

    /// <summary>The first bin of the stretch.</summary>
    public int Low { get; private set; }

    public int Length => wide?.Length ?? counts.Length;

    /// <summary>Count of the bin <see cref="Low"/> + i.</summary>
    public long this[int i] => wide is null ? counts[i] : wide[i];

    public void Add(int bin, long count)
    {
        if ((uint)(bin - Low) >= (uint)Length)
            Grow(bin);
        var at = bin - Low;
        if (wide is null)
        {
            var sum = counts[at] + count;
            if (sum <= int.MaxValue)
            {
                counts[at] = (int)sum;
                return;
            }
            (wide, counts) = (Array.ConvertAll(counts, static c => (long)c), []);
        }
        wide[at] += count;
    }

    public void Clear()
    {
        Array.Clear(counts);
        if (wide is not null)
            Array.Clear(wide);
    }

    private void Grow(int bin)
    {
        const int margin = 12;
        var empty = Length == 0;
        var from = empty ? bin - margin : Math.Min(Low, bin - margin);
        var to = empty ? bin + margin + 1 : Math.Max(Low + Length, bin + margin + 1);
        if (wide is null)
            counts = Wider(counts);
        else
            wide = Wider(wide);
        Low = from;

        T[] Wider<T>(T[] old)
        {
            var wider = new T[to - from];
            old.CopyTo(wider, empty ? 0 : Low - from);
            return wider;
        }
    }
}
