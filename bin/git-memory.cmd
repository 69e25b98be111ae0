@echo off
setlocal
rem Runs the bundled git-memory. COMMIT_TO_MEMORY_NODE names an executable that is Node or has it inside (VS Code's own).
if defined COMMIT_TO_MEMORY_NODE (
  set ELECTRON_RUN_AS_NODE=1
  "%COMMIT_TO_MEMORY_NODE%" "%~dp0..\dist\cli.cjs" %*
) else (
  node "%~dp0..\dist\cli.cjs" %*
)
exit /b %ERRORLEVEL%
