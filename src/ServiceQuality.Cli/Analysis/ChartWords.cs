using System.Globalization;
using ServiceQuality.Scoring.Charts;

namespace ServiceQuality.Cli.Analysis;

/// <summary>Refusals of charts in the words of their reader, by code.</summary>
internal static class ChartWords
{
    private static readonly Dictionary<string, (string English, string Chinese)> texts = new(StringComparer.Ordinal)
    {
        ["center-not-finite"] = ("--center is a number", "--center 须为有限数值"),
        ["center-not-share"] = ("the centre line of a share (--center) is 0 to 1", "比率的中心线（--center）须在 0 至 1 之间"),
        ["center-negative"] = ("the centre line of a rate (--center) is not negative", "率的中心线（--center）不能为负"),
        ["baseline-short"] = ("--baseline takes two points at least", "--baseline 至少须有两个点"),
        ["sigma-not-taken"] = ("--sigma does not go with p and u: their σ follows from the centre line and the sizes", "p 图与 u 图不接受 --sigma：σ 由中心线和样本量决定"),
        ["rules-not-taken"] = ("run rules (--rules) do not apply to ewma and cusum: their successive points depend on each other", "ewma 与 cusum 不适用判异规则（--rules）：相邻点互相关联"),
        ["lambda-out-of-range"] = ("--lambda is above 0 and at most 1", "--lambda 须大于 0 且不超过 1"),
        ["slack-negative"] = ("--slack (k) is 0 or more", "--slack（k）不能小于 0"),
        ["not-positive"] = ("{0} is above 0", "{0} 须大于 0"),
        ["rule-set-unknown"] = ("'{0}' is no rule set: three-sigma, western-electric, nelson, western-electric:1,4 or nelson:1,2,5; numbers alone are Nelson's", "'{0}' 不是判异规则：可用 three-sigma、western-electric、nelson、western-electric:1,4 或 nelson:1,2,5；只写数字即为 Nelson 规则"),
        ["rule-unknown"] = ("'{0}' is no rule of {1}: its rules are 1 to {2}", "'{0}' 不是 {1} 的规则：编号为 1 至 {2}"),
        ["value-too-large"] = ("the value of point {0} is beyond ±1e150", "第 {0} 点的数值超出 ±1e150"),
        ["size-invalid"] = ("the size of point {0} is no number from 0 to 1e150", "第 {0} 点的样本量不是 0 至 1e150 之间的数值"),
        ["count-out-of-range"] = ("the count of point {0} does not lie between 0 and its size", "第 {0} 点的计数不在 0 与样本量之间"),
    };

    /// <summary>Numbers that have to be above 0, as options are called.</summary>
    private static readonly Dictionary<string, string> Options = new(StringComparer.Ordinal) { ["Sigma"] = "--sigma", ["L"] = "--width (L)", ["h"] = "--decision (h)" };

    /// <summary>The codes that have words.</summary>
    public static IEnumerable<string> Codes => texts.Keys;

    public static UsageException Say(Surroundings surroundings, ChartRefusal refusal)
    {
        var (english, chinese) = texts[refusal.Code];
        return new(string.Format(CultureInfo.InvariantCulture, surroundings.Say(english, chinese), [.. refusal.Arguments.Select(argument => (object)Options.GetValueOrDefault(argument, argument))]));
    }
}
