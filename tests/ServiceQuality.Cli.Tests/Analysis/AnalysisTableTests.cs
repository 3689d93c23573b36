using ServiceQuality.Cli.Analysis;

namespace ServiceQuality.Cli.Tests.Analysis;

/// <summary>The reader of the verbs that analyse files: what is wrong is said with file, line and column.</summary>
public sealed class AnalysisTableTests : IDisposable
{
    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    private AnalysisTable Read(string content, TableForm? form = null, string language = "C", string? path = null) => AnalysisTable.Read(
        new Surroundings { Output = TextWriter.Null, Error = TextWriter.Null, Input = new StringReader(content), Environment = _ => language },
        path ?? sq.Write("t.csv", content), form ?? new TableForm());

    private string Refusal(string content, TableForm? form = null, string language = "C") =>
        Assert.Throws<UsageException>(() => Read(content, form, language)).Message.Replace(sq.Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    [Theory]
    [InlineData("unit,a,b\nn01,1,2\nn02,3.5,-4e-2\n")]
    [InlineData("unit;a;b\r\nn01;1;2\r\nn02;3.5;-4e-2")]
    [InlineData("\uFEFFunit\ta\tb\nn01\t1\t2\n\n\"n02\"\t 3.5 \t-4e-2\n")]
    public void A_table_is_read_whatever_separates_its_cells(string content)
    {
        var table = Read(content);

        Assert.Equal(["unit", "a", "b"], table.Columns);
        Assert.Equal(["n01", "n02"], table.Rows.Select(row => row.Cells[0]));
        Assert.Equal([2.0, -0.04], table.Rows.Select(row => table.Number(row, table.Column("B"))));
    }

    [Fact]
    public void A_table_may_come_from_standard_input() => Assert.Equal(7, Read("a\n7\n", path: "-") is { } table ? table.Number(table.Rows[0], 0) : 0);

    [Fact]
    public void Numbers_alone_have_no_heading_where_it_may_be_left_out()
    {
        var table = Read("1,1/3\n3,1\n", new TableForm(Heading.WhereNotNumbers));

        Assert.False(table.HasHeading);
        Assert.Equal(["column 1", "column 2"], table.Columns);
        Assert.Equal(1 / 3.0, table.Number(table.Rows[0], 1));
        Assert.True(Read("x,y\n3,1\n", new TableForm(Heading.WhereNotNumbers)).HasHeading);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "t.csv, line 3: 1 cells, but the first row has 2")]
    [InlineData("a,b\n1,2,3\n", "t.csv, line 2: 3 cells, but the first row has 2")]
    [InlineData("", "t.csv is empty: it has no row of data")]
    [InlineData("a,b\n", "t.csv is empty: it has no row of data")]
    [InlineData("a,b,a\n1,2,3\n", "t.csv has two columns named 'a'")]
    [InlineData("a,b,c,d,e\n1,2,3,4,5\n", "t.csv has 5 columns: at most 4")]
    [InlineData("a\n1\n2\n3\n4\n", "t.csv has too many rows: at most 3")]
    public void A_bad_shape_is_refused_with_its_line(string content, string message) => Assert.Equal(message, Refusal(content, new TableForm(Rows: 3, Columns: 4)));

    [Theory]
    [InlineData("", "t.csv, line 3, column 2 (b): a number is missing")]
    [InlineData("many", "t.csv, line 3, column 2 (b): 'many' is not a number")]
    [InlineData("1/0", "t.csv, line 3, column 2 (b): '1/0' is not a number")]
    [InlineData("NaN", "t.csv, line 3, column 2 (b): a number is missing")]
    [InlineData("85%", "t.csv, line 3, column 2 (b): '85%' has a per cent sign; write the number alone")]
    [InlineData("1e151", "t.csv, line 3, column 2 (b): '1e151' is beyond ±1e150")]
    [InlineData("0:61:00", "t.csv, line 3, column 2 (b): '0:61:00' is not a number")]
    [InlineData("∞", "t.csv, line 3, column 2 (b): '∞' is not a number")]
    [InlineData("1e999", "t.csv, line 3, column 2 (b): '1e999' is not a number")]
    [InlineData("12%", "t.csv, line 3, column 2 (b): '12%' has a per cent sign; write the number alone")]
    public void Text_in_place_of_a_number_is_refused_with_line_and_column(string cell, string message)
    {
        var table = Read($"a,b\n1,2\n3,{cell}\n");

        var refusal = Assert.Throws<UsageException>(() => table.Number(table.Rows[1], 1));

        Assert.EndsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_are_chinese_for_those_who_read_chinese() =>
        Assert.Equal("t.csv，第 3 行：有 1 格，而首行有 2 格", Refusal("a,b\n1,2\n3\n", language: "zh_CN.UTF-8"));

    [Fact]
    public void An_unclosed_quote_does_not_swallow_the_file() => Assert.StartsWith("t.csv", Refusal("a,b\n\"1,2\n" + new string('x', 2_000_000)), StringComparison.Ordinal);
}
