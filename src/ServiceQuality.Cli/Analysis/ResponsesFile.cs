using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Cli.Analysis;

/// <summary>An answer sheet and the line on which it starts.</summary>
internal sealed record AnswerSheet(long Line, ServqualResponse Response);

/// <summary>Answers to a SERVQUAL questionnaire from a file, long or wide.</summary>
internal static class ResponsesFile
{
    /// <exception cref="UsageException">A column or an answer is missing, an item is of no dimension, or an answer is off the scale; the message names the cell.</exception>
    public static IReadOnlyList<AnswerSheet> Read(Surroundings surroundings, IReadOnlyList<string> paths, double low, double high)
    {
        var reading = new Reading(surroundings, AnalysisTable.Read(surroundings, paths, new TableForm()), low, high);
        return reading.Table.Find("item") is { } item ? reading.Long(item) : reading.Wide();
    }

    private sealed record Reading(Surroundings Surroundings, AnalysisTable Table, double Low, double High)
    {
        public List<AnswerSheet> Long(int item)
        {
            var (expectation, perception, respondent) = (Table.Column("expectation"), Table.Column("perception"), Table.Find("respondent"));
            var sheets = new List<AnswerSheet>();
            var open = new Dictionary<string, Dictionary<string, ServqualPair>>();
            foreach (var row in Table.Rows)
            {
                var key = row.Cells[item];
                if (ServqualDimension.OfKey(key) is null)
                    throw Table.Fault(row, item, UnknownItem(key));
                var pair = new ServqualPair(Answer(row, expectation), Answer(row, perception));
                var who = respondent is { } column && row.Cells[column].Length > 0 ? row.Cells[column] : null;
                // The same item again begins another sheet of the same respondent.
                if (who is not null && open.TryGetValue(who, out var pairs) && pairs.TryAdd(key, pair))
                    continue;
                pairs = new() { [key] = pair };
                sheets.Add(new(row.Line, new(who, pairs)));
                if (who is not null)
                    open[who] = pairs;
            }
            return sheets;
        }

        public List<AnswerSheet> Wide()
        {
            var respondent = Table.Find("respondent");
            var items = new List<(string Key, int Expectation, int Perception)>();
            for (var column = 0; column < Table.Width; column++)
            {
                var name = Table.Columns[column];
                if (column == respondent || name.EndsWith(":p", StringComparison.OrdinalIgnoreCase))
                    continue;
                if (!name.EndsWith(":e", StringComparison.OrdinalIgnoreCase))
                    throw new UsageException(Say($"{Table.Name}: column '{name}' is neither respondent nor ITEM:e nor ITEM:p, and there is no column item", $"{Table.Name}：列 '{name}' 既不是 respondent，也不是 项目:e 或 项目:p，且没有 item 列"));
                if (ServqualDimension.OfKey(name[..^2]) is null)
                    throw new UsageException($"{Table.Name}: {UnknownItem(name[..^2])}");
                items.Add((name[..^2], column, Table.Column(name[..^2] + ":p")));
            }
            if (items.Count == 0)
                throw new UsageException(Say($"{Table.Name} has no item", $"{Table.Name} 没有项目"));
            return [.. Table.Rows.Select(row => new AnswerSheet(row.Line, new(
                respondent is { } column && row.Cells[column].Length > 0 ? row.Cells[column] : null,
                items.Where(item => row.Cells[item.Expectation].Length > 0 || row.Cells[item.Perception].Length > 0)
                    .ToDictionary(item => item.Key, item => new ServqualPair(Answer(row, item.Expectation), Answer(row, item.Perception))))))];
        }

        private double Answer(TableRow row, int column)
        {
            var answer = Table.Number(row, column);
            return answer >= Low && answer <= High ? answer : throw Table.Fault(row, column, Say($"{answer} is not on the scale from {Low} to {High}", $"{answer} 不在量表 {Low} 至 {High} 之内"));
        }

        private string UnknownItem(string key) => Say(
            $"'{key}' is no dimension and no item of one; dimensions are {string.Join(", ", ServqualDimension.All.Select(one => one.Code))}",
            $"'{key}' 不是维度，也不是某维度的项目；维度为 {string.Join("、", ServqualDimension.All.Select(one => one.Code))}");

        private string Say(string english, string chinese) => Surroundings.Say(english, chinese);
    }
}
