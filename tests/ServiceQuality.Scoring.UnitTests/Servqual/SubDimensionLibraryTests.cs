using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scoring.UnitTests.Servqual;

/// <summary>The sub-dimension library as data (SCO-10).</summary>
public sealed class SubDimensionLibraryTests
{
    private static readonly Bilingual Name = new("名", "name");

    [Fact]
    public void SCO_10_The_delivered_library_counts_every_answer_where_it_was_asked()
    {
        var library = SubDimensionLibrary.Delivered;

        Assert.Equal(10, library.SubDimensions.Count);
        Assert.All(library.SubDimensions.SelectMany(sub => sub.CheckPoints.Select(point => $"{sub.Dimension}.{point.Code}")), key =>
        {
            Assert.Equal(key, library.KeyOf(key));
            Assert.NotNull(library.NameOf(key));
        });
        Assert.Equal(("assurance", "empathy"), (library.SubDimensions.Single(sub => sub.Code == "courtesy").Dimension, library.SubDimensions.Single(sub => sub.Code == "communication").Dimension));
    }

    [Theory]
    [InlineData("assurance.polite", "empathy.polite")]
    [InlineData("tangibles.polite", "empathy.polite")]
    [InlineData("empathy.polite", "empathy.polite")]
    [InlineData("assurance.our-own-question", "assurance.our-own-question")]
    [InlineData("assurance", "assurance")]
    public void SCO_10_A_check_point_counts_under_the_dimension_of_its_sub_dimension(string asked, string counted) =>
        Assert.Equal(counted, Moved("courtesy", "empathy").KeyOf(asked));

    [Theory]
    [InlineData("Polite", "reliability", 1, "名", "p", "/subDimensions/0/code", "code-invalid")]
    [InlineData("", "reliability", 1, "名", "p", "/subDimensions/0/code", "code-invalid")]
    [InlineData("a", "price", 1, "名", "p", "/subDimensions/0/dimension", "dimension-unknown")]
    [InlineData("a", "reliability", 0, "名", "p", "/subDimensions/0/importance", "importance-out-of-range")]
    [InlineData("a", "reliability", 6, "名", "p", "/subDimensions/0/importance", "importance-out-of-range")]
    [InlineData("a", "reliability", 1, " ", "p", "/subDimensions/0/name", "name-invalid")]
    [InlineData("a", "reliability", 1, "名\n", "p", "/subDimensions/0/name", "name-invalid")]
    [InlineData("a", "reliability", 1, "名", "p.q", "/subDimensions/0/checkPoints/0/code", "code-invalid")]
    public void What_is_wrong_is_said_with_its_place(string code, string dimension, int importance, string zh, string point, string place, string fault) =>
        Assert.Equal([new LibraryFault(place, fault)], SubDimensionLibrary.Check([new(code, new(zh, "name"), dimension, importance, [new(point, Name)])]));

    [Fact]
    public void A_check_point_stands_once_in_the_whole_library_and_nothing_is_empty_or_endless()
    {
        SubDimension One(string code, params string[] points) => new(code, Name, "reliability", 1, [.. points.Select(point => new CheckPoint(point, Name))]);

        Assert.Equal([new("/subDimensions/1/checkPoints/0/code", "code-not-unique")], SubDimensionLibrary.Check([One("a", "x"), One("b", "x")]));
        Assert.Equal([new("/subDimensions/1/code", "code-not-unique")], SubDimensionLibrary.Check([One("a", "x"), One("a", "y")]));
        Assert.Equal([new("/subDimensions/0/checkPoints", "empty")], SubDimensionLibrary.Check([One("a")]));
        Assert.Equal([new("/subDimensions", "empty")], SubDimensionLibrary.Check([]));
        Assert.Equal([new("/subDimensions", "too-many")], SubDimensionLibrary.Check([.. Enumerable.Range(0, 61).Select(i => One($"a{i}", $"p{i}"))]));
        Assert.Equal([new("/subDimensions/0/checkPoints", "too-many")], SubDimensionLibrary.Check([One("a", [.. Enumerable.Range(0, 61).Select(i => $"p{i}")])]));
        Assert.Throws<ArgumentException>(() => new SubDimensionLibrary([]));
    }

    private static SubDimensionLibrary Moved(string sub, string dimension) => new([.. SubDimension.Library.Select(one => one.Code == sub ? one with { Dimension = dimension } : one)]);
}
