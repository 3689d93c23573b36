using System.CommandLine;
using System.Globalization;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Cli.Analysis;

/// <summary>One dimension of `sq servqual`.</summary>
internal sealed record DimensionLine(string Dimension, long Count, double? Expectation, double? Perception, double? Gap, double Weight, double? Weighted, Reliability Perceptions, Reliability Expectations, Reliability Gaps);

/// <summary>One item of `sq servqual`.</summary>
internal sealed record ItemLine(string Item, long Count, double Expectation, double Perception, double Gap, double Weighted);

/// <summary>Something noticed about a sheet: its first line in the file, and who answered.</summary>
internal sealed record NoteLine(long Line, string? Respondent, AnswerNoteKind Kind);

/// <summary>What `sq servqual --json` writes.</summary>
internal sealed record ServqualReport(
    int Responses, double? Total, double? Index, double Coverage, double? TotalWithoutStraightLines,
    IReadOnlyList<DimensionLine> Dimensions, IReadOnlyList<ItemLine> WorstBySize, IReadOnlyList<ItemLine> WorstByWeight, IReadOnlyList<NoteLine> Notes);

/// <summary>`sq servqual`: gaps of a survey (SCO-09, SCO-11, MON-22, MON-26).</summary>
internal static class ServqualCommand
{
    private const int Shown = 5;

    private const string Input = """
        SERVQUAL gaps, worst items, reliability of the questionnaire and integrity of the answers.

        RESPONSES: CSV with a heading, in one of two forms. Long: columns respondent (may be left out), item, expectation, perception; one row per answer.
        Wide: one row per respondent, columns respondent (may be left out), then per item ITEM:e (expectation) and ITEM:p (perception); empty cells are no answers.
        An item is a dimension (reliability, responsiveness, assurance, empathy, tangibles) or dimension.item, for example reliability.on-time. Answers are numbers on the scale.
        """;

    public static Command Create(Surroundings surroundings)
    {
        var files = new Argument<string[]>("RESPONSES") { Description = "CSV file, or several with the same heading; - is standard input", Arity = ArgumentArity.OneOrMore };
        var scale = new Option<string>("--scale") { Description = "Ends of the scale of the answers", DefaultValueFactory = _ => "1-7", HelpName = "LOW-HIGH" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("servqual", Input, "sq servqual answers.csv", "sq servqual answers.csv --scale 1-5 --json") { files, scale, json };
        command.SetAction(async (parsed, _) =>
        {
            var (low, high) = Scale(surroundings, parsed.GetValue(scale)!);
            var sheets = ResponsesFile.Read(surroundings, parsed.GetValue(files)!, low, high);
            var survey = ServqualSurvey.Of([.. sheets.Select(sheet => sheet.Response)], low, high);
            var report = Report(survey, sheets);
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, report);
            else
                Show(surroundings, report);
            return ExitCodes.Done;
        });
        return command;
    }

    private static ServqualReport Report(ServqualSurvey survey, IReadOnlyList<AnswerSheet> sheets) => new(
        survey.Responses, survey.Gaps.Total, survey.Index, survey.Gaps.Coverage, survey.WithoutNoted,
        [.. survey.Gaps.Dimensions.Zip(survey.Reliabilities, (gap, alpha) => new DimensionLine(
            gap.Dimension.Code, gap.Count, gap.Expectation, gap.Perception, gap.Gap, gap.Weight, gap.Weighted, alpha.Perception, alpha.Expectation, alpha.Gap))],
        [.. survey.Gaps.WorstBySize.Select(Line)], [.. survey.Gaps.WorstByWeight.Select(Line)],
        [.. survey.Notes.Select(note => new NoteLine(sheets[note.Response].Line, sheets[note.Response].Response.Respondent, note.Kind))]);

    private static ItemLine Line(ItemGap item) => new(item.Key, item.Count, item.Expectation, item.Perception, item.Gap, item.Weighted);

    private static (double Low, double High) Scale(Surroundings surroundings, string text) =>
        text.Split('-', '–') is [var from, var to] && Numbers.Read(from.Trim()) is { } low && Numbers.Read(to.Trim()) is { } high && low < high
            ? (low, high)
            : throw new UsageException(surroundings.Say($"--scale is LOW-HIGH, for example 1-7, not '{text}'", $"--scale 的形式为 低-高，例如 1-7，而不是 '{text}'"));

    private static void Show(Surroundings surroundings, ServqualReport report)
    {
        Printing.Table(
            surroundings,
            [surroundings.Say("Dimension", "维度"), "n", surroundings.Say("Expected", "期望"), surroundings.Say("Perceived", "感知"), surroundings.Say("Gap", "差距"), surroundings.Say("Weight", "权重"), surroundings.Say("Weighted", "加权"), "α"],
            report.Dimensions.Select(one => (string[])
            [
                one.Dimension, one.Count.ToString(CultureInfo.InvariantCulture), Numbers.Show(one.Expectation, 3), Numbers.Show(one.Perception, 3), Numbers.Show(one.Gap, 3), Numbers.Show(one.Weight, 3), Numbers.Show(one.Weighted), Numbers.Show(one.Perceptions.Alpha, 2),
            ]));
        surroundings.Output.WriteLine(surroundings.Say(
            $"{report.Responses} sheets, weighted gap {Numbers.Show(report.Total)}, index {Numbers.Show(report.Index, 2)}, coverage {report.Coverage.ToString("P0", CultureInfo.InvariantCulture)}",
            $"{report.Responses} 份答卷，加权差距 {Numbers.Show(report.Total)}，指数 {Numbers.Show(report.Index, 2)}，覆盖率 {report.Coverage.ToString("P0", CultureInfo.InvariantCulture)}"));
        Worst(surroundings.Say("Worst by size", "按差距大小最差"), report.WorstBySize, item => item.Gap);
        Worst(surroundings.Say("Worst by weight", "按加权差距最差"), report.WorstByWeight, item => item.Weighted);
        foreach (var kind in report.Notes.GroupBy(note => note.Kind).OrderBy(kind => kind.Key))
        {
            surroundings.Output.WriteLine($"{Word(surroundings, kind.Key)}: {kind.Count()} ({string.Join(", ", kind.Take(Shown).Select(note => surroundings.Say($"line {note.Line}", $"第 {note.Line} 行")))}{(kind.Count() > Shown ? " …" : "")})");
        }

        void Worst(string title, IReadOnlyList<ItemLine> items, Func<ItemLine, double> value) =>
            surroundings.Output.WriteLine($"{title}: {string.Join(", ", items.Where(item => value(item) < 0).Take(Shown).Select(item => $"{item.Item} {Numbers.Show(value(item), 3)}"))}");
    }

    private static string Word(Surroundings surroundings, AnswerNoteKind kind) => kind switch
    {
        AnswerNoteKind.Repeated => surroundings.Say("Answered before, not counted", "重复作答，不计入"),
        AnswerNoteKind.StraightLine => surroundings.Say("One number throughout, counted", "全卷同一分值，仍计入"),
        _ => surroundings.Say("Not every item answered", "未答全"),
    };
}
