/** Style sheets are bundled into one by the build. */
declare module '*.css';
