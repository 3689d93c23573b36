using System.Runtime.CompilerServices;

namespace ServiceQuality.Scoring;

/// <summary>Numbers as whole millionths: their sums are exact, so no order of facts or of merging can change a bit.</summary>
internal static class Number
{
    public const long One = 1_000_000;
    public const long Missing = long.MinValue;
    private const double Limit = 1e15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Of(double value)
    {
        var millionths = Math.Round(value * One);
        return millionths <= Limit ? millionths >= -Limit ? (long)millionths : -(long)Limit : double.IsNaN(millionths) ? 0 : (long)Limit;
    }

    public static double ToDouble(Int128 millionths) => (double)millionths / One;

    /// <summary>value × mass / whole, rounded half away from zero, without overflow.</summary>
    public static Int128 Scale(Int128 value, long mass, Int128 whole)
    {
        var (quotient, rest) = Int128.DivRem(value, whole);
        var scaled = rest * mass;
        var half = whole / 2;
        return (quotient * mass) + ((scaled + (scaled < 0 ? -half : half)) / whole);
    }
}
