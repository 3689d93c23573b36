namespace ServiceQuality.Console.Figures;

/// <summary>How the value of an indicator is written: the unit decides on scale and decimals, and value and interval share them.</summary>
public sealed record Measured(double Scale, int Digits, string Unit)
{
    /// <summary>Chooses scale, decimals and unit from the measure's unit and the size of the value.</summary>
    public static Measured Of(string? unit, double value, Language language)
    {
        var chinese = language == Language.Chinese;
        return unit switch
        {
            "s" or "seconds" => Math.Abs(value) switch
            {
                < 120 => new(1, Math.Abs(value) < 10 ? 1 : 0, chinese ? " 秒" : " s"),
                < 7200 => new(1 / 60d, 1, chinese ? " 分钟" : " min"),
                < 172_800 => new(1 / 3600d, 1, chinese ? " 小时" : " h"),
                _ => new(1 / 86_400d, 1, chinese ? " 天" : " d"),
            },
            "share" or "ratio" => new(100, value is > 0.99 and < 1 ? 2 : 1, "%"),
            "per-thousand" or "‰" => new(1, 1, " ‰"),
            "h" or "hours" => new(1, 1, chinese ? " 小时" : " h"),
            "min" or "minutes" => new(1, 1, chinese ? " 分钟" : " min"),
            "d" or "days" => new(1, 1, chinese ? " 天" : " d"),
            "count" => new(1, 0, chinese ? " 次" : ""),
            _ => Math.Abs(value) >= 100 ? new(1, 0, "") : new(1, Math.Abs(value) >= 10 ? 1 : 2, ""),
        };
    }

    /// <summary>The value with its unit.</summary>
    public string Write(double value) => Figure.Plain(value * Scale, Digits) + Unit;

    /// <summary>The figure alone, for intervals beside a value that names the unit.</summary>
    public string Bare(double value) => Figure.Plain(value * Scale, Digits);
}
