using System.Text.RegularExpressions;

namespace ServiceQuality.Cli;

/// <summary>What the parser of the command line says of arguments, in the words of their reader. What it says otherwise stays as it is.</summary>
internal static partial class ParseWords
{
    private static readonly (Regex Said, string English, string Chinese)[] texts =
    [
        (Option(), "Option $1 is required.", "缺少选项 $1。"),
        (Argument(), "Required argument missing for $1: $2.", "$2 缺少必需的参数。"),
        (Value(), "$1 is no value of $2.", "$1 不是 $2 可接受的值。"),
        (Command(), "Required command was not provided.", "缺少命令。"),
        (Unknown(), "Unrecognized command or argument $1.", "无法识别的命令或参数 $1。"),
        (Choice(), "Argument $1 not recognized. Must be one of:", "无法识别参数 $1，须为以下之一："),
        (Single(), "Option $1 expects a single argument but $2 were provided.", "选项 $1 只接受一个参数，却给出了 $2 个。"),
    ];

    public static string Of(Surroundings surroundings, string said) =>
        texts.Aggregate(said, (text, one) => one.Said.Replace(text, surroundings.Say(one.English, one.Chinese)));

    [GeneratedRegex(@"Option (?<1>'[^'\n]*') is required\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Option();

    [GeneratedRegex(@"Required argument missing for (?<1>command|option): (?<2>'[^'\n]*')\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Argument();

    [GeneratedRegex(@"Cannot parse argument (?<1>'[^'\n]*') for (option|command|argument) (?<2>'[^'\n]*') as expected type '[^\n]*'\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Value();

    [GeneratedRegex(@"Required command was not provided\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Command();

    [GeneratedRegex(@"Unrecognized command or argument (?<1>'[^'\n]*')\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Unknown();

    [GeneratedRegex(@"Argument (?<1>'[^'\n]*') not recognized\. Must be one of:", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Choice();

    [GeneratedRegex(@"Option (?<1>'[^'\n]*') expects a single argument but (?<2>[0-9]+) were provided\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Single();
}
