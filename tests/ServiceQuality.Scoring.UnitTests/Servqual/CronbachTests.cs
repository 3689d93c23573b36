using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scoring.UnitTests.Servqual;

/// <summary>Reliability of a questionnaire.</summary>
public sealed class CronbachTests
{
    [Fact]
    public void Ten_items_of_the_mini_haq_have_the_published_alpha() =>
        // Bland and Altman 1997, "Cronbach's alpha", BMJ 314:572: Σ s² = 11.16, s²(T) = 77.44, α = 0.95.
        Assert.Equal(0.95, Cronbach.Alpha(10, 11.16, 77.44), 0.005);

    [Fact]
    public void The_attitude_survey_has_the_published_alpha() =>
        // Chatterjee and Price 1977, "Regression Analysis by Example", section 3.7; α of its seven questions in 30 departments: 0.84 (R packages psych and ltm, example "attitude").
        Assert.Equal(0.843, Cronbach.Alpha(Attitude).Alpha!.Value, 0.0005);

    [Fact]
    public void Alpha_is_the_mean_covariance_over_the_mean_of_all_variances_and_covariances()
    {
        // Another way to the same number (Cronbach 1951, eq. 7): k c / (v + (k − 1) c).
        var k = Attitude[0].Count;
        var (variances, covariances) = (0.0, 0.0);
        for (var i = 0; i < k; i++)
        {
            for (var j = 0; j < k; j++)
                (variances, covariances) = i == j ? (variances + Covariance(i, j), covariances) : (variances, covariances + Covariance(i, j));
        }
        var (v, c) = (variances / k, covariances / (k * (k - 1)));
        Assert.Equal(k * c / (v + ((k - 1) * c)), Cronbach.Alpha(Attitude).Alpha!.Value, 12);
    }

    [Fact]
    public void What_cannot_be_told_has_a_reason()
    {
        Assert.Equal((null, "few-respondents"), Told([]));
        Assert.Equal((null, "few-respondents"), Told([[1.0, 2]]));
        Assert.Equal((null, "one-item"), Told([[1.0], [2.0]]));
        Assert.Equal((null, "no-variance"), Told([[1.0, 2], [1.0, 2]]));
        Assert.Throws<ArgumentException>(() => Cronbach.Alpha([[1.0, 2], [1.0]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cronbach.Alpha(1, 1, 1));

        static (double?, string?) Told(IReadOnlyList<IReadOnlyList<double>> answers) => Cronbach.Alpha(answers) is var told ? (told.Alpha, told.Reason) : default;
    }

    [Fact]
    public void Items_that_contradict_each_other_have_an_alpha_below_zero() => Assert.True(Cronbach.Alpha([[1.0, 7], [4, 5], [7, 1]]).Alpha < 0);

    private static double Covariance(int one, int other)
    {
        var (a, b) = (Attitude.Average(row => row[one]), Attitude.Average(row => row[other]));
        return Attitude.Sum(row => (row[one] - a) * (row[other] - b)) / (Attitude.Count - 1);
    }

    private static IReadOnlyList<IReadOnlyList<double>> Attitude { get; } =
    [
        [43, 51, 30, 39, 61, 92, 45], [63, 64, 51, 54, 63, 73, 47], [71, 70, 68, 69, 76, 86, 48], [61, 63, 45, 47, 54, 84, 35], [81, 78, 56, 66, 71, 83, 47], [43, 55, 49, 44, 54, 49, 34],
        [58, 67, 42, 56, 66, 68, 35], [71, 75, 50, 55, 70, 66, 41], [72, 82, 72, 67, 71, 83, 31], [67, 61, 45, 47, 62, 80, 41], [64, 53, 53, 58, 58, 67, 34], [67, 60, 47, 39, 59, 74, 41],
        [69, 62, 57, 42, 55, 63, 25], [68, 83, 83, 45, 59, 77, 35], [77, 77, 54, 72, 79, 77, 46], [81, 90, 50, 72, 60, 54, 36], [74, 85, 64, 69, 79, 79, 63], [65, 60, 65, 75, 55, 80, 60],
        [65, 70, 46, 57, 75, 85, 46], [50, 58, 68, 54, 64, 78, 52], [50, 40, 33, 34, 43, 64, 33], [64, 61, 52, 62, 66, 80, 41], [53, 66, 52, 50, 63, 80, 37], [40, 37, 42, 58, 50, 57, 49],
        [63, 54, 42, 48, 66, 75, 33], [66, 77, 66, 63, 88, 76, 72], [78, 75, 58, 74, 80, 78, 49], [48, 57, 44, 45, 51, 83, 38], [85, 85, 71, 71, 77, 74, 55], [82, 82, 39, 59, 64, 78, 39],
    ];
}
