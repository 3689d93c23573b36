using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ServiceQuality.Cli.Import;

namespace ServiceQuality.Cli.Tests.Import;

public sealed class CellParserTests
{
    [Theory]
    [InlineData("00:02:23", 143)]
    [InlineData("02:23", 143)]
    [InlineData("100:00:00", 360_000)]
    [InlineData("1.01:00:01", 90_001)]
    [InlineData("PT2M23S", 143)]
    [InlineData("P1DT1H", 90_000)]
    [InlineData("2m23s", 143)]
    [InlineData("15m", 900)]
    [InlineData("8h", 28_800)]
    [InlineData("90s", 90)]
    [InlineData("109", 109)]
    [InlineData("10.5", 10.5)]
    [InlineData("00:00:01.25", 1.25)]
    public void Durations_become_seconds(string text, double seconds) => Assert.Equal((decimal)seconds, CellParsers.Duration(text));

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("00:60:00")]
    [InlineData("00:00:60")]
    [InlineData("soon")]
    [InlineData("12:")]
    [InlineData("-00:01:00")]
    public void What_is_not_a_duration_is_told(string text) => Assert.Null(CellParsers.Duration(text));

    [Fact]
    public void Every_clock_reading_is_its_seconds() => Prop.ForAll(Gen.Choose(0, 359_999).ToArbitrary(), seconds =>
        CellParsers.Duration(string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}")) == seconds).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("1.5", '.', 1.5)]
    [InlineData("1,5", ',', 1.5)]
    [InlineData("-3", '.', -3)]
    [InlineData("1e3", '.', 1000)]
    public void Numbers_follow_the_decimal_separator(string text, char separator, double number) => Assert.Equal((decimal)number, CellParsers.Number(text, separator));

    [Theory]
    [InlineData("1,234", '.')]
    [InlineData("1.234", ',')]
    [InlineData("abc", '.')]
    [InlineData("NaN", '.')]
    public void A_number_that_could_mean_two_things_is_refused(string text, char separator) => Assert.Null(CellParsers.Number(text, separator));

    [Theory]
    [InlineData("Y", true)]
    [InlineData("no", false)]
    [InlineData("是", true)]
    [InlineData("否", false)]
    [InlineData("0", false)]
    public void Yes_and_no_are_understood(string text, bool meant) => Assert.Equal(meant, CellParsers.YesNo(text));

    [Fact]
    public void Neither_yes_nor_no_is_told() => Assert.Null(CellParsers.YesNo("maybe"));
}
