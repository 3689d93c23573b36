using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring.Forecasts;

/// <summary>Level and trend after a period.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SmoothedState(double Level, double Trend);

/// <summary>
/// A series smoothed by given parameters, from the beginning that fits it best. In error-correction form: ŷ = ℓ + φb, e = y − ŷ, ℓ' = ŷ + αe, b' = φb + βe; a period without a value passes
/// without an error. Errors are linear in the beginning (ℓ₀, b₀), so it is found by least squares.
/// </summary>
internal sealed class Smoothing
{
    /// <summary>α, β, φ, ℓ₀, b₀ and the variance.</summary>
    public const int DampedParameters = 6;

    private const int LevelParameters = 3;
    private const double LeastPhi = 0.8;
    private const double MostPhi = 0.98;
    private const double Precision = 1e-7;

    private readonly double?[] series;
    private readonly double scale;
    private readonly (double LevelLevel, double LevelTrend, double TrendTrend) covariance;
    private readonly SmoothedState fromLevel, fromTrend, fromAlpha;
    private readonly double information;

    private Smoothing(double?[] series, double alpha, double beta, double phi, bool damped)
    {
        (this.series, Alpha, Beta, Phi, IsDamped) = (series, alpha, beta, phi, damped);
        Points = series.Count(value => value is not null);
        scale = series.Max(value => Math.Abs(value ?? 0));

        var (plain, level, trend) = (new double[series.Length], new double[series.Length], new double[series.Length]);
        var end = Run(series, default, plain);
        var silent = Array.ConvertAll(series, value => value is null ? default(double?) : 0);
        fromLevel = Run(silent, new(1, 0), level);
        fromTrend = damped ? Run(silent, new(0, 1), trend) : default;

        var (ll, lt, tt, le, te) = (Dot(level, level), Dot(level, trend), Dot(trend, trend), Dot(level, plain), Dot(trend, plain));
        var determinant = damped ? (ll * tt) - (lt * lt) : ll;
        if (determinant <= 1e-12 * (damped ? ll * tt : 1))
        {
            Squares = double.PositiveInfinity;
            return;
        }
        covariance = damped ? (tt / determinant, -lt / determinant, ll / determinant) : (1 / ll, 0, 0);
        Start = new(-((covariance.LevelLevel * le) + (covariance.LevelTrend * te)), -((covariance.LevelTrend * le) + (covariance.TrendTrend * te)));
        End = new(end.Level + (Start.Level * fromLevel.Level) + (Start.Trend * fromTrend.Level), end.Trend + (Start.Level * fromLevel.Trend) + (Start.Trend * fromTrend.Trend));
        for (var i = 0; i < plain.Length; i++)
        {
            plain[i] += (Start.Level * level[i]) + (Start.Trend * trend[i]);
            Squares += plain[i] * plain[i];
        }
        // What another α would change, beyond what another beginning would make good again.
        var change = new double[series.Length];
        var moved = Change(plain, change);
        var (la, ta) = (Dot(level, change), Dot(trend, change));
        var (byLevel, byTrend) = ((covariance.LevelLevel * la) + (covariance.LevelTrend * ta), (covariance.LevelTrend * la) + (covariance.TrendTrend * ta));
        fromAlpha = new(moved.Level - (byLevel * fromLevel.Level) - (byTrend * fromTrend.Level), moved.Trend - (byLevel * fromLevel.Trend) - (byTrend * fromTrend.Trend));
        information = Dot(change, change) - (byLevel * la) - (byTrend * ta);
    }

    public double Alpha { get; }

    public double Beta { get; }

    public double Phi { get; }

    public bool IsDamped { get; }

    public int Points { get; }

    /// <summary>State before the first period.</summary>
    public SmoothedState Start { get; }

    /// <summary>State after the last period of the series.</summary>
    public SmoothedState End { get; }

    /// <summary>Sum of squared one-step errors.</summary>
    public double Squares { get; }

    /// <summary>Degrees of freedom: values less what was estimated besides the variance.</summary>
    public int Freedom => Points - (Parameters - 1);

    public double Deviation => Math.Sqrt(Squares / Freedom);

    /// <summary>AICc of a normal likelihood, n ln Σe² + 2k + 2k(k + 1)/(n − k − 1).</summary>
    public double Criterion => (Points * Math.Log(Squares)) + (2 * Parameters) + (2.0 * Parameters * (Parameters + 1) / (Points - Parameters - 1));

    /// <summary>False when the errors are nothing but rounding.</summary>
    public bool Varies => Squares > 1e-18 * Points * scale * scale;

    private int Parameters => IsDamped ? DampedParameters : LevelParameters;

    /// <summary>Simple exponential smoothing with the best α.</summary>
    public static Smoothing Level(double?[] series) => Best(parameters => new(series, parameters[0], 0, 1, damped: false), [(0, 1)], [[.. Enumerable.Range(0, 41).Select(i => i / 40.0)]]);

    /// <summary>The damped trend with the best α, β = αβ* and φ.</summary>
    public static Smoothing Damped(double?[] series)
    {
        double[] tenths = [.. Enumerable.Range(0, 11).Select(i => i / 10.0)];
        return Best(parameters => new(series, parameters[0], parameters[0] * parameters[1], parameters[2], damped: true), [(0, 1), (0, 1), (LeastPhi, MostPhi)], [tenths, tenths, [0.8, 0.86, 0.92, 0.98]]);
    }

    /// <summary>With parameters as they are; the beginning is found.</summary>
    public static Smoothing With(double?[] series, double alpha, double beta, double phi, bool damped) => new(series, alpha, beta, phi, damped);

    /// <summary>Forecast and standard error so many periods after the end: the errors to come, and those of the beginning and of α as far as they matter (as in least squares that are not linear).</summary>
    public (double Value, double Error) Ahead(int periods)
    {
        var trend = Trend(periods);
        var (level, slope, alpha) = (fromLevel.Level + (trend * fromLevel.Trend), fromTrend.Level + (trend * fromTrend.Trend), fromAlpha.Level + (trend * fromAlpha.Trend));
        var estimated = (level * level * covariance.LevelLevel) + (2 * level * slope * covariance.LevelTrend) + (slope * slope * covariance.TrendTrend);
        if (information > 1e-12 * scale * scale)
            estimated += alpha * alpha / information;
        var toCome = ErrorsToCome(periods);
        return (End.Level + (IsDamped ? trend * End.Trend : 0), Math.Sqrt((toCome * toCome) + (Deviation * Deviation * estimated)));
    }

    /// <summary>Standard error so many periods after the end when all parameters are known: σ√(1 + Σ(α + βφⱼ)²), φⱼ = φ + … + φʲ.</summary>
    public double ErrorsToCome(int periods)
    {
        // Periods without a value at the end are among those that were not observed.
        var unseen = series.Length - 1 - Array.FindLastIndex(series, value => value is not null);
        var variance = 1.0;
        for (var i = 1; i < unseen + periods; i++)
            variance += Math.Pow(Alpha + (Beta * Trend(i)), 2);
        return Deviation * Math.Sqrt(variance);
    }

    /// <summary>φ + φ² + … of so many periods.</summary>
    private double Trend(int periods)
    {
        var (sum, faded) = (0.0, 1.0);
        for (var i = 0; i < periods; i++)
            sum += faded *= Phi;
        return sum;
    }

    /// <summary>How the errors and the end change with α.</summary>
    private SmoothedState Change(double[] errors, double[] change)
    {
        var state = default(SmoothedState);
        for (var i = 0; i < errors.Length; i++)
        {
            var expected = state.Level + (Phi * state.Trend);
            change[i] = series[i] is null ? 0 : -expected;
            state = new(expected + errors[i] + (Alpha * change[i]), (Phi * state.Trend) + (Beta * change[i]));
        }
        return state;
    }

    /// <summary>One pass through a series; a period without a value leaves an error of 0.</summary>
    private SmoothedState Run(double?[] values, SmoothedState state, double[] errors)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var expected = state.Level + (Phi * state.Trend);
            errors[i] = values[i] is { } value ? value - expected : 0;
            state = new(expected + (Alpha * errors[i]), (Phi * state.Trend) + (Beta * errors[i]));
        }
        return state;
    }

    /// <summary>The least squares over a box: the best places of a grid, each improved along the axes by ever smaller steps.</summary>
    private static Smoothing Best(Func<double[], Smoothing> fit, (double Low, double High)[] box, double[][] grid)
    {
        IEnumerable<double[]> places = [[]];
        foreach (var axis in grid)
            places = places.SelectMany(place => axis.Select(value => (double[])[.. place, value]));
        var starts = places.Select(place => (Place: place, Fit: fit(place))).OrderBy(start => start.Fit.Squares).Take(4);
        return starts.Select(start => Improved(fit, box, start.Place, start.Fit)).MinBy(found => found.Squares)!;
    }

    private static Smoothing Improved(Func<double[], Smoothing> fit, (double Low, double High)[] box, double[] place, Smoothing best)
    {
        for (var step = 0.05; step > Precision;)
        {
            var better = false;
            for (var axis = 0; axis < box.Length; axis++)
            {
                foreach (var sign in (ReadOnlySpan<int>)[-1, 1])
                {
                    var (low, high) = box[axis];
                    double[] tried = [.. place];
                    tried[axis] = Math.Clamp(place[axis] + (sign * step * (high - low)), low, high);
                    if (tried[axis] == place[axis] || fit(tried) is not { } found || found.Squares >= best.Squares)
                        continue;
                    (place, best, better) = (tried, found, true);
                }
            }
            step = better ? step : step / 2;
        }
        return best;
    }

    private static double Dot(double[] first, double[] second)
    {
        var sum = 0.0;
        for (var i = 0; i < first.Length; i++)
            sum += first[i] * second[i];
        return sum;
    }
}
