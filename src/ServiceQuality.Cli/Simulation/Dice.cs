using System.Runtime.InteropServices;

namespace ServiceQuality.Cli.Simulation;

/// <summary>
/// Random numbers that are a function of their seed alone, the same on every machine and version (SplitMix64).
/// <see cref="Random"/> promises neither, and costs far more to seed.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct Dice(ulong seed)
{
    private ulong state = seed;

    /// <summary>Dice for one subject: equal parts give equal throws.</summary>
    public static Dice For(ulong seed, string subject, long moment = 0)
    {
        var hash = 14695981039346656037UL ^ seed;
        foreach (var letter in subject)
            hash = (hash ^ letter) * 1099511628211UL;
        return new Dice(Mix(hash ^ Mix((ulong)moment)));
    }

    /// <summary>Uniform over [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform over [from, to).</summary>
    public double Between(double from, double to) => from + (to - from) * Unit();

    /// <summary>Uniform over 0 … <paramref name="count"/> − 1.</summary>
    public int Pick(int count) => (int)(Unit() * count);

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>Standard normal (Box–Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>Log-normal with the given median and standard deviation of the logarithm.</summary>
    public double LogNormal(double median, double spread) => median * Math.Exp(spread * Normal());

    /// <summary>Poisson; by the normal approximation where the mean is large.</summary>
    public int Poisson(double mean)
    {
        if (mean > 50)
            return Math.Max(0, (int)Math.Round(mean + Math.Sqrt(mean) * Normal()));
        var (limit, product, count) = (Math.Exp(-mean), Unit(), 0);
        for (; product > limit; count++)
            product *= Unit();
        return count;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong Next() => Mix(state += 0x9E3779B97F4A7C15UL);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
