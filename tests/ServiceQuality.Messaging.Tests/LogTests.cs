using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ServiceQuality.Messaging.Tests;

public sealed class LogTests
{
    [Theory]
    [InlineData("Npgsql.Command")]
    [InlineData("Npgsql.Copy")]
    public async Task Statements_leave_no_line_in_the_log_unless_they_fail(string category)
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddServiceDatabase("testing", typeof(Migrator).Assembly);
        await using var app = builder.Build();

        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        Assert.False(logger.IsEnabled(LogLevel.Information));
        Assert.True(logger.IsEnabled(LogLevel.Warning));
    }
}
