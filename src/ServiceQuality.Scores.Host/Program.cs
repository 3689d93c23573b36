using ServiceQuality;
using ServiceQuality.Messaging;
using ServiceQuality.Scores;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ScoresService.Name);
builder.AddScores().AddLocalTier();
builder.AddBus(ScoresService.Name);

var app = builder.Build();
app.UseServiceDefaults();
app.MapScores();
await app.RunServiceAsync(args);
