using ServiceQuality;
using ServiceQuality.Console;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("console");
builder.AddConsole();
var app = builder.Build();
app.UseServiceDefaults();
app.MapConsole();
await app.RunServiceAsync(args);
