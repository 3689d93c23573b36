using System.Globalization;
using System.Text;
using ServiceQuality.Console.Figures;

namespace ServiceQuality.Console.Charts;

/// <summary>Places in a picture: pure functions of figures.</summary>
public sealed class Plot
{
    public const int Left = 64;
    public const int Top = 22;
    private readonly double _low;
    private readonly double _high;

    /// <summary>A picture that holds all the values.</summary>
    public Plot(int width, int height, int right, int bottom, IEnumerable<double> values)
    {
        (Width, Height, Right, Bottom) = (width, height, width - right, height - bottom);
        (_low, _high) = (double.MaxValue, double.MinValue);
        foreach (var value in values)
            (_low, _high) = (Math.Min(_low, value), Math.Max(_high, value));
        if (_low > _high)
            (_low, _high) = (0, 1);
        var room = _high > _low ? (_high - _low) * 0.06 : Math.Max(Math.Abs(_high), 1) * 0.1;
        (_low, _high) = (_low - room, _high + room);
    }

    public int Width { get; }

    public int Height { get; }

    public int Right { get; }

    public int Bottom { get; }

    public double Y(double value) => Top + ((_high - value) / (_high - _low) * (Bottom - Top));

    /// <summary>Place of a share of the width, 0–1.</summary>
    public double X(double share) => Left + (Math.Clamp(share, 0, 1) * (Right - Left));

    /// <summary>
    /// Values for the lines of the grid: three to six that are round (1, 2 or 5 times a power of ten) as they are written, that is times <paramref name="scale"/>
    /// and with at most so many digits.
    /// </summary>
    public IReadOnlyList<double> Grid(double scale, int digits)
    {
        var (low, high) = (_low * scale, _high * scale);
        var step = Math.Max(Math.Pow(10, Math.Floor(Math.Log10((high - low) / 5))), Math.Pow(10, -digits));
        step *= ((high - low) / step) switch { > 25 => 10, > 12 => 5, > 6 => 2, _ => 1 };
        var first = Math.Ceiling(low / step);
        return [.. Enumerable.Range(0, (int)(Math.Floor(high / step) - first) + 1).Select(i => (first + i) * step / scale)];
    }

    /// <summary>A line through the points; a point that is missing is a gap.</summary>
    public static string Line(IEnumerable<(double X, double Y)?> points)
    {
        var (path, pen) = (new StringBuilder(), false);
        foreach (var point in points)
        {
            if (point is { } at)
                path.Append(CultureInfo.InvariantCulture, $"{(pen ? 'L' : 'M')}{Figure.Raw(at.X)} {Figure.Raw(at.Y)}");
            pen = point is not null;
        }
        return path.ToString();
    }

    /// <summary>A line of level steps, each from half a step before to half a step after its point.</summary>
    public static string Steps(IEnumerable<(double X, double Y)?> points, double half)
    {
        var (path, pen) = (new StringBuilder(), false);
        foreach (var point in points)
        {
            if (point is { } at)
                path.Append(CultureInfo.InvariantCulture, $"{(pen ? 'L' : 'M')}{Figure.Raw(at.X - half)} {Figure.Raw(at.Y)}H{Figure.Raw(at.X + half)}");
            pen = point is not null;
        }
        return path.ToString();
    }
}
