using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace ServiceQuality.Scoring;

/// <summary>95 % confidence intervals (scoring.md §3). All arguments and results are finite.</summary>
internal static class Statistics
{
    private const double Tail = 0.025;
    private const double Z = 1.959963984540054;
    private const int Tabled = 400;
    private static readonly double?[] students = new double?[Tabled + 1];
    private static readonly Interval?[] poissons = new Interval?[Tabled + 1];

    /// <summary>Wilson's score interval of a share; n may be an effective sample.</summary>
    public static Interval Wilson(double share, double n)
    {
        var z2 = Z * Z / n;
        var middle = (share + (z2 / 2)) / (1 + z2);
        var half = Z / (1 + z2) * Math.Sqrt((share * (1 - share) / n) + (z2 / (4 * n)));
        // The formula gives exactly 0 at share 0 and 1 at share 1; its rounding may not.
        return new(share <= 0 ? 0 : Math.Max(0, middle - half), share >= 1 ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>Student's interval of a mean; with fewer than two values nothing bounds it.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="variance">Σ(x − mean)² / n.</param>
    /// <param name="n">Sample, may be an effective one.</param>
    public static ValueInterval Student(double mean, double variance, double n)
    {
        if (n < 2)
            return default;
        var half = StudentQuantile(n - 1) * Math.Sqrt(variance / (n - 1));
        return new(mean - half, mean + half);
    }

    /// <summary>The exact (Garwood) interval of a Poisson count.</summary>
    public static Interval Poisson(double count)
    {
        if (count != Math.Floor(count) || count > Tabled)
            return Garwood(count);
        return poissons[(int)count] ??= Garwood(count);
    }

    /// <summary>
    /// The ranks (1 … n) of the order statistics that bound the q-quantile: the narrowest outward from exact binomial tails of at most 2.5 % each, the normal approximation
    /// from n q (1 − q) = 100 on. In a sample too small for a bound the rank is 0 or n + 1, and nothing bounds the quantile on that side.
    /// </summary>
    public static (double Low, double High) QuantileRanks(double n, double q)
    {
        var variance = n * q * (1 - q);
        if (variance >= 100)
        {
            var half = Z * Math.Sqrt(variance);
            return (Math.Floor((n * q) - half), Math.Ceiling((n * q) + half) + 1);
        }
        // Below is P(B < rank), B binomial: the lower rank is the greatest with P(B < rank) ≤ 2.5 %, the upper the least with P(B ≥ rank) ≤ 2.5 %.
        var size = (int)Math.Floor(n);
        var (low, high) = (0.0, size + 1.0);
        double below = 0;
        for (var rank = 1; rank <= size; rank++)
        {
            below += Math.Exp(SpecialFunctions.BinomialLn(size, rank - 1) + ((rank - 1) * Math.Log(q)) + ((size - rank + 1) * Math.Log(1 - q)));
            if (below <= Tail)
                low = rank;
            if (1 - below > Tail)
                continue;
            high = rank;
            break;
        }
        return (low, high);
    }

    /// <summary>The normal interval of a sum of independent amounts whose number is Poisson: half width z √Σx².</summary>
    public static Interval Compound(double sum, double squares)
    {
        var half = Z * Math.Sqrt(squares);
        return new(sum - half, sum + half);
    }

    /// <summary>The 97.5 % quantile of Student's t.</summary>
    public static double StudentQuantile(double freedom)
    {
        if (freedom <= Tabled && freedom == Math.Floor(freedom))
            return students[(int)freedom] ??= StudentT.InvCDF(0, 1, freedom, 1 - Tail);
        if (freedom <= Tabled)
            return StudentT.InvCDF(0, 1, freedom, 1 - Tail);
        // Cornish and Fisher's expansion: from 400 degrees on exact to ten digits.
        double z3 = Z * Z * Z, z5 = z3 * Z * Z, z7 = z5 * Z * Z;
        return Z + ((z3 + Z) / (4 * freedom)) + (((5 * z5) + (16 * z3) + (3 * Z)) / (96 * freedom * freedom))
            + (((3 * z7) + (19 * z5) + (17 * z3) - (15 * Z)) / (384 * freedom * freedom * freedom));
    }

    private static Interval Garwood(double count)
    {
        if (count > 100_000)
        {
            // Wilson and Hilferty's cube; relative error below 1e-7 here.
            return new(Cube(count, -Z), Cube(count + 1, Z));
        }
        return new(count == 0 ? 0 : ChiSquared.InvCDF(2 * count, Tail) / 2, ChiSquared.InvCDF(2 * (count + 1), 1 - Tail) / 2);
    }

    private static double Cube(double count, double z)
    {
        var root = 1 - (1 / (9 * count)) + (z / (3 * Math.Sqrt(count)));
        return count * root * root * root;
    }
}
